#ifndef TESTS_SUPPORT_FAKE_STOCK_H_
#define TESTS_SUPPORT_FAKE_STOCK_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/support/fake_product_store.h"
#include "workers/orders/stock.h"

namespace shop {

// The stock of the products in a FakeProductStore, as RedisStock keeps it in Redis. Its calls are named "stock.Reserve"
// and so on.
class FakeStock : public Stock {
 public:
  struct Event {
    OrderEvent event;
    int64_t order_id;
  };

  FakeStock(StoreCalls* calls, FakeProductStore* products) : calls_(calls), products_(&products->products) {}

  int64_t lowest_stock = -((int64_t{1} << 53) - 1);  // 0 for the policy reject.
  std::map<std::string, StockMovement> pending;      // By the movement's id.
  std::chrono::milliseconds age_of_pending{0};
  std::vector<std::string> broken;  // For FindOverdue.
  std::vector<Event> events;

  Status Reserve(const StockMovement& movement) override {
    return calls_->Make("stock.Reserve", [&] { return ReserveAll(movement); });
  }

  Status Confirm(const StockMovement& movement, OrderEvent event, int64_t order_id) override {
    return calls_->Make("stock.Confirm", [&] { return Settle(movement, event, order_id); });
  }

  // The confirm is done as soon as it is started.
  Status StartConfirm(const StockMovement& movement, OrderEvent event, int64_t order_id) override {
    return calls_->Make("stock.StartConfirm", [&] { return Settle(movement, event, order_id); });
  }

  Status Release(const StockMovement& movement) override {
    return calls_->Make("stock.Release", [&] {
      if (pending.erase(movement.id) > 0) PutBack(movement.take);
      return Status::Ok();
    });
  }

  Status FindOverdue(std::chrono::milliseconds age, OverdueMovements* overdue) override {
    return calls_->Make("stock.FindOverdue", [&] {
      *overdue = {{}, broken};
      if (age_of_pending <= age) return Status::Ok();
      for (const auto& [id, movement] : pending) overdue->movements.push_back(movement);
      return Status::Ok();
    });
  }

  Status Ping() override {
    return calls_->Make("stock.Ping", [] { return Status::Ok(); });
  }

 private:
  Status ReserveAll(const StockMovement& movement) {
    for (const StockItem& item : movement.take) {
      if (!products_->contains(item.product_id)) {
        return Status::NotFound("PRODUCT_NOT_FOUND", "Product Id " + item.product_id);
      }
    }
    for (const StockItem& item : movement.take) {
      if (products_->at(item.product_id).in_stock - item.quantity < lowest_stock) {
        return Status::Conflict("INSUFFICIENT_STOCK", "Product Id " + item.product_id + " has not enough in stock");
      }
    }
    for (const StockItem& item : movement.take) products_->at(item.product_id).in_stock -= item.quantity;
    pending[movement.id] = movement;
    return Status::Ok();
  }

  Status Settle(const StockMovement& movement, OrderEvent event, int64_t order_id) {
    if (pending.erase(movement.id) == 0) return Status::Ok();
    PutBack(movement.give_back);
    events.push_back({event, order_id});
    return Status::Ok();
  }

  void PutBack(const std::vector<StockItem>& items) {
    for (const StockItem& item : items) {
      if (products_->contains(item.product_id)) products_->at(item.product_id).in_stock += item.quantity;
    }
  }

  StoreCalls* calls_;
  std::map<std::string, Product>* products_;
};

}  // namespace shop

#endif  // TESTS_SUPPORT_FAKE_STOCK_H_
