#include "workers/orders/order.h"

#include "workers/common/integer.h"
#include "workers/common/slots.h"

namespace shop {

std::optional<int64_t> ParseOrderId(std::string_view text) {
  const std::optional<int64_t> id = ParseCanonicalInteger<int64_t>(text);
  return id && *id > 0 ? id : std::nullopt;
}

std::string OrderSlot(int64_t id) {
  return Slot('o', std::to_string(id));
}

Status OrderNotFound(int64_t id) {
  return Status::NotFound("ORDER_NOT_FOUND", "Order with id " + std::to_string(id) + " not found");
}

}  // namespace shop
