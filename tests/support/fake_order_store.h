#ifndef TESTS_SUPPORT_FAKE_ORDER_STORE_H_
#define TESTS_SUPPORT_FAKE_ORDER_STORE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/store_calls.h"
#include "workers/orders/order_store.h"

namespace shop {

// Orders in memory. Its calls are named "orders.Create" and so on.
class FakeOrderStore : public OrderStore {
 public:
  explicit FakeOrderStore(StoreCalls* calls) : calls_(calls) {}

  std::map<int64_t, Order> orders;                              // By id.
  std::set<std::string> movement_ids;                           // Of the recorded movements.
  std::map<std::string, std::pair<std::string, int64_t>> keys;  // Idempotency keys: hash and order id.

  Status Get(int64_t id, Order* order) override;
  Status List(int64_t after, size_t limit, OrderPage* page) override;
  Status Create(const std::string& movement_id, const NewOrder& order, const std::optional<UnusedKey>& key,
                int64_t* id) override;
  Status FindKeyUse(const IdempotentRequest& request, KeyUse* use) override;
  Status Update(const std::string& movement_id, const Order& order, const std::vector<OrderDetail>& changed,
                bool* recorded) override;
  Status Delete(const std::string& movement_id, const Order& order, bool* recorded) override;
  Status Ping() override;

 private:
  // Records the movement, if the stored order is still the same version as `order`.
  Status Record(const std::string& movement_id, const Order& order, bool* recorded);

  StoreCalls* calls_;
  int64_t last_order_id_ = 0;
  int64_t last_detail_id_ = 0;
};

}  // namespace shop

#endif  // TESTS_SUPPORT_FAKE_ORDER_STORE_H_
