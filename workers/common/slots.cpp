#include "workers/common/slots.h"

#include <array>
#include <cstddef>
#include <utility>

namespace shop {
namespace {

// More than the API lets an order have. Only another program writes larger orders; nginx takes a head of 16 kB.
constexpr size_t kMaxSlots = 128;

constexpr uint32_t kSlotMask = 0xFFFF;

constexpr std::array<uint32_t, 256> MakeCrcTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < table.size(); ++byte) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? (value >> 1) ^ 0xEDB88320 : value >> 1;
    table[byte] = value;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kCrcTable = MakeCrcTable();

}  // namespace

uint32_t Crc32(std::string_view text) {
  uint32_t crc = ~uint32_t{0};
  for (const char c : text) crc = (crc >> 8) ^ kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF];
  return ~crc;
}

std::string Slot(char kind, std::string_view id) {
  return kind + std::to_string(Crc32(id) & kSlotMask);
}

void AddSlots(const char* header, const Slots& slots, HttpResponse* response) {
  if (slots.empty() || slots.size() > kMaxSlots) return;
  std::string text;
  for (const std::string& slot : slots) text.append(text.empty() ? "" : " ").append(slot);
  response->headers.emplace_back(header, std::move(text));
}

}  // namespace shop
