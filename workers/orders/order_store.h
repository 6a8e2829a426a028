#ifndef WORKERS_ORDERS_ORDER_STORE_H_
#define WORKERS_ORDERS_ORDER_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "workers/common/page.h"
#include "workers/common/status.h"
#include "workers/orders/idempotency_key.h"
#include "workers/orders/order.h"

namespace shop {

struct OrderPage : Page<Order> {
  int64_t follower = 0;  // The id of an order that follows, if has_more.
};

// Stores the orders. Every call is one round trip (List needs more if the first order alone is larger than
// kMaxPageSize). Each write is one transaction, which also records the id of its stock movement: once that id is
// recorded, or cancelled, it can never be recorded again. Each call may fail with kUnavailable or kLocked; a write also
// with kUnknownOutcome, and with kAlreadyExists if the movement was cancelled meanwhile.
class OrderStore {
 public:
  virtual ~OrderStore() = default;

  // kNotFound if there is no such order.
  virtual Status Get(int64_t id, Order* order) = 0;

  // The page of up to `limit` orders whose ids are greater than `after`, in the order of their ids. After its first
  // order it may end early: before an order that would make its JSON larger than kMaxPageSize.
  virtual Status List(int64_t after, size_t limit, OrderPage* page) = 0;

  // Creates an order with its details in the given order, and gives its id. A `key` is used up in the same transaction;
  // kAlreadyExists also if it was used before.
  virtual Status Create(const std::string& movement_id, const NewOrder& order, const std::optional<UnusedKey>& key,
                        int64_t* id) = 0;

  // What the key of `request` was used for.
  virtual Status FindKeyUse(const IdempotentRequest& request, KeyUse* use) = 0;

  // Sets price and quantity of the `changed` details of `order`, if the stored version is still that of `order`.
  // Otherwise, or if the order is gone, changes nothing and sets `recorded` to false.
  virtual Status Update(const std::string& movement_id, const Order& order, const std::vector<OrderDetail>& changed,
                        bool* recorded) = 0;

  // Deletes `order` with its details, under the same condition.
  virtual Status Delete(const std::string& movement_id, const Order& order, bool* recorded) = 0;

  // Ok if the store answers and takes writes. Else kUnavailable; is_read_only() if it answers, but takes no writes.
  virtual Status Ping() = 0;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_ORDER_STORE_H_
