#ifndef WORKERS_ORDERS_ORDER_HANDLERS_H_
#define WORKERS_ORDERS_ORDER_HANDLERS_H_

#include <string>
#include <vector>

#include "workers/common/router.h"
#include "workers/orders/checkout.h"
#include "workers/orders/order_store.h"
#include "workers/products/product_store.h"

namespace shop {

// What the handlers of the orders worker use; all must outlive them.
struct OrderServices {
  OrderStore* orders;
  ProductStore* products;
  Checkout* checkout;
  std::string image_root;
};

// The resources of the orders worker: /orders, /orders/{id}, and /health, which says whether PostgreSQL and Redis
// answer.
std::vector<Resource> OrderResources(const OrderServices& services);

}  // namespace shop

#endif  // WORKERS_ORDERS_ORDER_HANDLERS_H_
