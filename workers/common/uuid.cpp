#include "workers/common/uuid.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <system_error>

namespace shop {
namespace {

constexpr std::string_view kLowerHexDigits = "0123456789abcdef";

using UuidBytes = std::array<uint8_t, 16>;

UuidBytes RandomBytes() {
  UuidBytes bytes;
  // getrandom(2) never gives fewer bytes than asked for, up to 256.
  if (getrandom(bytes.data(), bytes.size(), 0) < 0) {
    throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  return bytes;
}

}  // namespace

std::string NewUuid() {
  UuidBytes bytes = RandomBytes();
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  for (size_t i = 0; i < 6; ++i) bytes[i] = static_cast<uint8_t>(milliseconds >> (8 * (5 - i)));
  bytes[6] = static_cast<uint8_t>((bytes[6] & 0x0F) | 0x70);  // version
  bytes[8] = static_cast<uint8_t>((bytes[8] & 0x3F) | 0x80);  // variant

  std::string text;
  text.reserve(36);
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text.push_back(kLowerHexDigits[bytes[i] >> 4]);
    text.push_back(kLowerHexDigits[bytes[i] & 0xF]);
  }
  return text;
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_hyphen ? text[i] != '-' : kLowerHexDigits.find(text[i]) == std::string_view::npos) return false;
  }
  return true;
}

}  // namespace shop
