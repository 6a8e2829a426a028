// From the bytes of a request to what is to be done with an order, or to all that is wrong with them.

#ifndef WORKERS_ORDERS_ORDER_PARSER_H_
#define WORKERS_ORDERS_ORDER_PARSER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workers/common/money.h"
#include "workers/common/status.h"

namespace shop {

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
  bool names_all_details = false;  // PUT: has to name every detail of the order.
  std::vector<DetailUpdate> details;
};

// Each gives kBadRequest for what is not a JSON object, and kValidationError with every fault of its fields.

Status ParseNewOrder(std::string_view body, NewOrder* order);

// The body of a PUT: every detail with its price and its quantity.
Status ParseOrderReplacement(std::string_view body, OrderUpdate* update);

// The body of a PATCH: some details, each with a price, a quantity, or both.
Status ParseOrderPatch(std::string_view body, OrderUpdate* update);

}  // namespace shop

#endif  // WORKERS_ORDERS_ORDER_PARSER_H_
