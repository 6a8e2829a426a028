#ifndef TESTS_SUPPORT_FAKE_SHOP_H_
#define TESTS_SUPPORT_FAKE_SHOP_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "tests/support/fake_locks.h"
#include "tests/support/fake_order_store.h"
#include "tests/support/fake_product_store.h"
#include "tests/support/fake_stock.h"
#include "tests/support/store_calls.h"
#include "workers/orders/checkout.h"

namespace shop {

// `text` as an amount. It must be one.
inline Money Price(std::string_view text) {
  return Money::Parse(text).value();
}

// A checkout over fake stores, which can check whether the stock adds up.
class FakeShop {
 public:
  StoreCalls calls;
  FakeProductStore products{&calls};
  FakeStock stock{&calls, &products};
  FakeOrderStore orders{&calls};
  FakeLocks locks{&calls};
  Logger logger{"orders", LogLevel::kWarning};
  Checkout checkout{&orders, &locks, &stock, &logger};

  void AddProduct(const std::string& id, int64_t in_stock) {
    products.products[id] = {id, "The " + id, 101, 5, in_stock};
    stocked_[id] = in_stock;
  }

  int64_t InStock(const std::string& id) const { return products.products.at(id).in_stock; }

  // How much of a product is lost: neither in stock, nor held by an order, nor part of a pending movement that will
  // bring it back.
  int64_t Lost(const std::string& id) const { return stocked_.at(id) - Held(id) - Pending(id) - InStock(id); }

 private:
  int64_t Held(const std::string& id) const {
    int64_t held = 0;
    for (const auto& [order_id, order] : orders.orders) {
      for (const OrderDetail& detail : order.details) held += detail.product_id == id ? detail.quantity : 0;
    }
    return held;
  }

  int64_t Pending(const std::string& id) const {
    int64_t pending = 0;
    for (const auto& [movement_id, movement] : stock.pending) {
      const bool recorded = orders.movement_ids.contains(movement_id);
      for (const StockItem& item : recorded ? movement.give_back : movement.take) {
        pending += item.product_id == id ? item.quantity : 0;
      }
    }
    return pending;
  }

  std::map<std::string, int64_t> stocked_;
};

}  // namespace shop

#endif  // TESTS_SUPPORT_FAKE_SHOP_H_
