#include "workers/orders/order.h"

#include "workers/common/integer.h"

namespace shop {
namespace {

constexpr int64_t kBlockSize = 256;  // Ids.
constexpr int64_t kBlocks = 4096;    // As in nginx/lua/counters.lua.
constexpr int64_t kMaxShownBlocks = 16;

std::string BlockName(int64_t number) {
  return "b" + std::to_string(number % kBlocks);
}

}  // namespace

std::optional<int64_t> ParseOrderId(std::string_view text) {
  const std::optional<int64_t> id = ParseCanonicalInteger<int64_t>(text);
  return id && *id > 0 ? id : std::nullopt;
}

std::string OrderSlot(int64_t id) {
  return Slot('o', std::to_string(id));
}

std::string OrderBlock(int64_t id) {
  return BlockName(id / kBlockSize);
}

Slots OrderBlocks(int64_t first, int64_t last) {
  const int64_t end = last / kBlockSize + 1;
  Slots blocks;
  if (end - first / kBlockSize > kMaxShownBlocks) return blocks;
  for (int64_t number = first / kBlockSize; number < end; ++number) blocks.insert(BlockName(number));
  return blocks;
}

Status OrderNotFound(int64_t id) {
  return Status::NotFound("ORDER_NOT_FOUND", "Order with id " + std::to_string(id) + " not found");
}

}  // namespace shop
