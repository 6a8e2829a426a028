#ifndef WORKERS_ORDERS_ORDER_H_
#define WORKERS_ORDERS_ORDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workers/common/money.h"
#include "workers/common/status.h"

namespace shop {

struct OrderDetail {
  int64_t id = 0;
  std::string product_id;
  Money price;
  int64_t quantity = 0;
};

struct Order {
  int64_t id = 0;
  int64_t version = 0;  // Grows with each update; an update is recorded only on the version it was made for.
  std::vector<OrderDetail> details;  // In the order of their ids.
};

// An order's id as it stands in a URL: from 1 to 2^63 - 1, in its canonical form; nothing for any other text.
std::optional<int64_t> ParseOrderId(std::string_view text);

// ORDER_NOT_FOUND.
Status OrderNotFound(int64_t id);

}  // namespace shop

#endif  // WORKERS_ORDERS_ORDER_H_
