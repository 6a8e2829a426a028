#ifndef WORKERS_ORDERS_RECONCILER_H_
#define WORKERS_ORDERS_RECONCILER_H_

#include <chrono>
#include <map>
#include <string>

#include "workers/common/logger.h"
#include "workers/common/status.h"
#include "workers/orders/movement_log.h"
#include "workers/orders/retention.h"
#include "workers/orders/stock.h"

namespace shop {

// Finishes the movements that a crash, or a store that was away, left noted: confirms what was recorded, releases what
// was not, and never both, whoever else is at it: the primary key of the movement log decides.
class Reconciler {
 public:
  using Clock = std::chrono::steady_clock;

  // A movement is left alone until it is older than `age_limit`, which is longer than any worker works on one: else the
  // reconciler would cancel what would have succeeded. That would cost a client a 503, never an order or stock. All
  // pointers must outlive the reconciler.
  Reconciler(MovementLog* movements, Retention* retention, Stock* stock, const Logger* logger,
             std::chrono::milliseconds age_limit)
      : movements_(movements), retention_(retention), stock_(stock), logger_(logger), age_limit_(age_limit) {}

  // What there is to do at `now`: finishes the movements that are overdue, logging each, and once a minute removes
  // movements and idempotency keys that are older than 24 hours. Ok if all is done and both stores take writes; else
  // what was in the way, and the next round goes on. A movement that cannot be finished though the stores are there is
  // logged once, and left, also in the movement log; it is in nobody's way.
  Status Round(Clock::time_point now);

 private:
  Status FinishOverdue();
  Status Finish(const StockMovement& movement);
  void Leave(std::map<std::string, std::string> reasons);
  Status PurgeIfDue(Clock::time_point now);
  Status Ping();

  MovementLog* movements_;
  Retention* retention_;
  Stock* stock_;
  const Logger* logger_;
  std::chrono::milliseconds age_limit_;
  Clock::time_point next_purge_ = Clock::time_point::min();
  std::string last_tried_;                   // The movement at which the last round ended early, or the last one.
  std::map<std::string, std::string> left_;  // The movements that cannot be finished, and why.
};

}  // namespace shop

#endif  // WORKERS_ORDERS_RECONCILER_H_
