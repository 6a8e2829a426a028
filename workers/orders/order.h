#ifndef WORKERS_ORDERS_ORDER_H_
#define WORKERS_ORDERS_ORDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workers/common/money.h"
#include "workers/common/slots.h"
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
  int64_t version = 0;  // Grows with each update. An update is recorded only on the version it was made for.
  std::vector<OrderDetail> details;  // In the order of their ids.
};

struct NewOrderDetail {
  std::string product_id;
  Money price;
  int64_t quantity = 0;
};

using NewOrder = std::vector<NewOrderDetail>;  // 1 to 100 details.

struct DetailUpdate {
  int64_t id = 0;
  std::optional<Money> price;
  std::optional<int64_t> quantity;
};

// What a PUT or a PATCH changes. No detail is named twice.
struct OrderUpdate {
  bool names_all_details = false;  // PUT: must name every detail of the order.
  std::vector<DetailUpdate> details;
};

// No detail of an order is shorter in JSON.
constexpr std::string_view kSmallestDetail = R"({"id":1,"product_id":"","price":"0.00","quantity":1})";

// An order's id in a URL: 1 to 2^63 - 1, in its canonical form; nothing for any other text.
std::optional<int64_t> ParseOrderId(std::string_view text);

// The slot of an order, common/slots.h.
std::string OrderSlot(int64_t id);

// The block of an order, such as "b17". 256 ids in a row are one block, and there are 4,096 blocks: after the last one
// comes the first one again. A page of orders depends on the blocks of its orders (docs/architecture.md, "The edge
// cache").
std::string OrderBlock(int64_t id);

// The blocks of all orders from `first` to `last`, in the order of their names; none if they are more than 16.
Slots OrderBlocks(int64_t first, int64_t last);

// kNotFound ORDER_NOT_FOUND.
Status OrderNotFound(int64_t id);

}  // namespace shop

#endif  // WORKERS_ORDERS_ORDER_H_
