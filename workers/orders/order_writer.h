#ifndef WORKERS_ORDERS_ORDER_WRITER_H_
#define WORKERS_ORDERS_ORDER_WRITER_H_

#include <map>
#include <string>

#include "workers/common/json.h"
#include "workers/orders/order.h"
#include "workers/products/product.h"

namespace shop {

// What is shown with an order's details beside what they store.
struct Expansion {
  std::string image_root;
  std::map<std::string, Product> products;  // By id. Only those that exist.
};

// Writes `order` as one JSON value. With an `expansion` each detail also has `image` and `product`, which is null for a
// product that does not exist.
void WriteOrder(const Order& order, const Expansion* expansion, JsonWriter* json);

}  // namespace shop

#endif  // WORKERS_ORDERS_ORDER_WRITER_H_
