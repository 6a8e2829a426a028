// The stores that the contract suites test. The suites are a part of both test programs, and each program makes the
// stores in its own way. So a fake of the unit tests cannot come to differ from the real store.

#ifndef TESTS_CONTRACT_STORES_H_
#define TESTS_CONTRACT_STORES_H_

#include <functional>
#include <memory>
#include <string>

#include "workers/orders/locks.h"
#include "workers/orders/order_store.h"
#include "workers/orders/stock.h"
#include "workers/products/product_store.h"

namespace shop {

struct Stores {
  std::shared_ptr<void> owner;
  ProductStore& products;
  Stock& stock;                         // The stock of these products, which may fall below zero.
  Stock& rejecting_stock;               // The same, but it may not.
  std::function<std::string()> events;  // The events of `stock`: "order_created 7, order_updated 8".
  OrderStore& orders;
  Locks& locks;
  Locks& other_locks;  // The locks of another process.
};

// The stores are empty. Orders and details get their ids from 1 on.
Stores MakeStores();

}  // namespace shop

#endif  // TESTS_CONTRACT_STORES_H_
