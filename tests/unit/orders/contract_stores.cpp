// The fakes, for the contract suites.

#include "tests/contract/stores.h"
#include "tests/support/fake_shop.h"

namespace shop {
namespace {

class FakeProductStores : public ProductStores {
 public:
  ProductStore* products() override { return &products_; }
  Stock* stock() override { return &stock_; }
  Stock* rejecting_stock() override {
    rejecting_stock_.lowest_stock = 0;
    return &rejecting_stock_;
  }
  int64_t CountEvents() override { return std::ssize(stock_.events) + std::ssize(rejecting_stock_.events); }

 private:
  StoreCalls calls_;
  FakeProductStore products_{&calls_};
  FakeStock stock_{&calls_, &products_};
  FakeStock rejecting_stock_{&calls_, &products_};
};

class FakeOrderStores : public OrderStores {
 public:
  OrderStore* orders() override { return &orders_; }
  Locks* locks() override { return &locks_; }
  Locks* other_locks() override { return &other_locks_; }

 private:
  StoreCalls calls_;
  FakeOrderStore orders_{&calls_};
  FakeLocks locks_{&calls_, &other_locks_};
  FakeLocks other_locks_{&calls_, &locks_};
};

}  // namespace

std::unique_ptr<ProductStores> MakeProductStores() {
  return std::make_unique<FakeProductStores>();
}

std::unique_ptr<OrderStores> MakeOrderStores() {
  return std::make_unique<FakeOrderStores>();
}

}  // namespace shop
