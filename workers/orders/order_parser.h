// Turns the body of a request into what it asks for, or into all its faults.

#ifndef WORKERS_ORDERS_ORDER_PARSER_H_
#define WORKERS_ORDERS_ORDER_PARSER_H_

#include <string_view>

#include "workers/common/status.h"
#include "workers/orders/order.h"

namespace shop {

// Each returns kBadRequest if the body is not a JSON object, and kValidationError with every fault of its fields.

// The body of a POST: every detail with its product, price and quantity.
Status ParseNewOrder(std::string_view body, NewOrder* order);

// The body of a PUT: every detail with its price and its quantity.
Status ParseOrderReplacement(std::string_view body, OrderUpdate* update);

// The body of a PATCH: some details, each with a price, a quantity, or both.
Status ParseOrderPatch(std::string_view body, OrderUpdate* update);

}  // namespace shop

#endif  // WORKERS_ORDERS_ORDER_PARSER_H_
