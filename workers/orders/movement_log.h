#ifndef WORKERS_ORDERS_MOVEMENT_LOG_H_
#define WORKERS_ORDERS_MOVEMENT_LOG_H_

#include <cstdint>
#include <optional>
#include <string>

#include "workers/common/status.h"
#include "workers/orders/stock_movement.h"

namespace shop {

// What a recorded movement did.
struct RecordedMovement {
  OrderEvent event = OrderEvent::kCreated;
  int64_t order_id = 0;
};

// The log of all recorded movements, as the reconciler needs it. Each call may fail with kUnavailable or with
// kUnknownOutcome; after both it is safe to call again.
class MovementLog {
 public:
  virtual ~MovementLog() = default;

  // Decides for good whether a movement was recorded. If it was, gives what it did. If not, records it as cancelled, so
  // that it can never be recorded any more, and gives nothing. The result is the same, however often it is called.
  virtual Status Settle(const std::string& movement_id, std::optional<RecordedMovement>* recorded) = 0;

  // Ok if the store answers and takes writes. Else kUnavailable; is_read_only() if it answers, but takes no writes.
  virtual Status Ping() = 0;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_MOVEMENT_LOG_H_
