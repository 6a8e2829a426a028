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

// The record of all stock movements, as whoever clears up needs it. Each call may fail with kUnavailable, or with
// kUnknownOutcome: then it is safe to call again.
class MovementLog {
 public:
  virtual ~MovementLog() = default;

  // Settles what became of a movement, for good: gives what it did if it was recorded; else records it as cancelled, so
  // that nobody can record it any more, and gives nothing. The same, however often it is called.
  virtual Status Settle(const std::string& movement_id, std::optional<RecordedMovement>* recorded) = 0;

  // Ok if the store answers and takes writes; else kUnavailable, which says whether it is read-only.
  virtual Status Ping() = 0;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_MOVEMENT_LOG_H_
