// Writes orders over both stores, PostgreSQL and Redis: an order and its stock change happen both or not at all.
//
// Each write is three steps under one movement id: reserve the goods (Redis), record the order (PostgreSQL), confirm
// the movement (Redis). If the record is known to have failed, what was reserved is released. If the outcome of the
// record is unknown, or the process dies, the movement stays pending, and the reconciler finishes it.

#ifndef WORKERS_ORDERS_CHECKOUT_H_
#define WORKERS_ORDERS_CHECKOUT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "workers/common/logger.h"
#include "workers/orders/idempotency_key.h"
#include "workers/orders/locks.h"
#include "workers/orders/order.h"
#include "workers/orders/order_store.h"
#include "workers/orders/stock.h"

namespace shop {

class Checkout {
 public:
  // All must outlive the checkout.
  Checkout(OrderStore* orders, Locks* locks, Stock* stock, const Logger* logger)
      : orders_(orders), locks_(locks), stock_(stock), logger_(logger) {}

  // Each returns ok once the order is recorded, even if the movement must be confirmed later. After any other Status
  // except kUnknownOutcome no order was changed, and its goods are back, or come back with the reconciler.

  // Creates an order and gives its id. kNotFound PRODUCT_NOT_FOUND, kConflict INSUFFICIENT_STOCK. With a `request`,
  // only the first request with its key creates an order, and the others get the same id. kUnprocessable
  // IDEMPOTENCY_KEY_REUSED if the key was used with another body. kUnknownOutcome also while it is unknown whether
  // another request with the key has created the order.
  Status Create(const NewOrder& order, const std::optional<IdempotentRequest>& request, int64_t* id);

  // Updates an order and gives it as it is afterwards. kNotFound ORDER_NOT_FOUND, or PRODUCT_NOT_FOUND if it takes more
  // of a product that no longer exists; kConflict INSUFFICIENT_STOCK; kValidationError if `update` does not fit the
  // order. An update that changes nothing records nothing.
  Status Update(int64_t id, const OrderUpdate& update, Order* updated);

  // Deletes an order and gives it as it was; its goods go back on stock. kNotFound ORDER_NOT_FOUND.
  Status Delete(int64_t id, Order* deleted);

 private:
  using Record = std::function<Status(const std::string& movement_id, int64_t* order_id)>;

  Status CreateOnce(const NewOrder& order, const IdempotentRequest& request, int64_t* id);
  Status CreateNew(const NewOrder& order, const std::optional<UnusedKey>& key, int64_t* id);
  Status UpdateLocked(int64_t id, const OrderUpdate& update, Order* updated);
  Status DeleteLocked(int64_t id, Order* deleted);
  Status Move(const StockMovement& movement, OrderEvent event, const Record& record);
  void Confirm(const StockMovement& movement, OrderEvent event, int64_t order_id);
  void Release(const StockMovement& movement);

  OrderStore* orders_;
  Locks* locks_;
  Stock* stock_;
  const Logger* logger_;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_CHECKOUT_H_
