// What the contract suites run on: tests/contract is a part of both test programs, and each of them makes these stores
// in its own way. So a fake of the unit tests cannot come to differ from the store that it stands for.

#ifndef TESTS_CONTRACT_STORES_H_
#define TESTS_CONTRACT_STORES_H_

#include <cstdint>
#include <memory>

#include "workers/orders/locks.h"
#include "workers/orders/order_store.h"
#include "workers/orders/stock.h"
#include "workers/products/product_store.h"

namespace shop {

class ProductStores {
 public:
  virtual ~ProductStores() = default;
  virtual ProductStore* products() = 0;
  virtual Stock* stock() = 0;            // Of these products. It may fall below zero.
  virtual Stock* rejecting_stock() = 0;  // It may not.
  virtual int64_t CountEvents() = 0;     // Of the stock.
};

class OrderStores {
 public:
  virtual ~OrderStores() = default;
  virtual OrderStore* orders() = 0;
  virtual Locks* locks() = 0;
  virtual Locks* other_locks() = 0;  // Those of another process.
};

// Each gives empty stores. An empty store of orders counts its ids from 1 on.
std::unique_ptr<ProductStores> MakeProductStores();
std::unique_ptr<OrderStores> MakeOrderStores();

}  // namespace shop

#endif  // TESTS_CONTRACT_STORES_H_
