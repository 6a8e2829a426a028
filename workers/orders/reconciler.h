#ifndef WORKERS_ORDERS_RECONCILER_H_
#define WORKERS_ORDERS_RECONCILER_H_

#include <chrono>
#include <string>

#include "workers/common/logger.h"
#include "workers/common/status.h"
#include "workers/orders/movement_log.h"
#include "workers/orders/stock.h"

namespace shop {

// Finishes the movements that a crash, or a store that was away, left noted: confirms what was recorded, releases what
// was not, and never both, whoever else is at it: the primary key of the movement log decides.
class Reconciler {
 public:
  // A movement is left alone until it is older than `age_limit`, which is longer than any worker works on one: else the
  // reconciler would cancel what would have succeeded. That would cost a client a 503, never an order or stock. All
  // pointers must outlive the reconciler.
  Reconciler(MovementLog* movements, Stock* stock, const Logger* logger, std::chrono::milliseconds age_limit)
      : movements_(movements), stock_(stock), logger_(logger), age_limit_(age_limit) {}

  // Finishes every movement that is overdue, logging each. Ok if none is left; else what was in the way, and the next
  // call goes on.
  Status FinishOverdue();

  // Removes movements and idempotency keys that are older than 24 hours. Only after a FinishOverdue that gave ok: a
  // movement that is still noted must stay in the log.
  Status Purge();

 private:
  Status Finish(const std::string& movement_id);

  MovementLog* movements_;
  Stock* stock_;
  const Logger* logger_;
  std::chrono::milliseconds age_limit_;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_RECONCILER_H_
