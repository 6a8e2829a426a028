#ifndef WORKERS_ORDERS_RECONCILER_H_
#define WORKERS_ORDERS_RECONCILER_H_

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "workers/common/logger.h"
#include "workers/common/status.h"
#include "workers/orders/movement_log.h"
#include "workers/orders/retention.h"
#include "workers/orders/stock.h"

namespace shop {

// Finishes the movements that stayed pending after a crash or while a store was away: confirms those that were
// recorded, releases the others. It never does both, whoever else is at work: the primary key of the movement log
// decides.
class Reconciler {
 public:
  using Clock = std::chrono::steady_clock;

  // A movement is overdue when it has been pending for longer than `age_limit`. No worker works on one for so long:
  // else the reconciler would cancel what would have succeeded. That would cost a client a 503, never an order or
  // stock. All pointers must outlive the reconciler.
  Reconciler(MovementLog* movements, Retention* retention, Stock* stock, const Logger* logger,
             std::chrono::milliseconds age_limit)
      : movements_(movements), retention_(retention), stock_(stock), logger_(logger), age_limit_(age_limit) {}

  // Does what is due at `now`: finishes the overdue movements and logs each; once a minute removes movements and
  // idempotency keys that are older than 24 hours. Ok if all is done and both stores take writes. Else the error of the
  // store that stopped it; the next round goes on. A broken movement is one that cannot be finished although the stores
  // answer. It is logged once, and stays pending and in the movement log; it stops no other movement.
  Status Round(Clock::time_point now);

 private:
  Status FinishOverdue();
  Status Finish(const StockMovement& movement);
  void LogFinished(const std::string& movement_id, std::optional<int64_t> order_id) const;
  void SetBroken(std::map<std::string, std::string> reasons);
  Status PurgeIfDue(Clock::time_point now);
  void LogPurged(size_t movements, size_t keys) const;
  Status Ping();

  MovementLog* movements_;
  Retention* retention_;
  Stock* stock_;
  const Logger* logger_;
  std::chrono::milliseconds age_limit_;
  Clock::time_point next_purge_ = Clock::time_point::min();
  std::string last_tried_;                     // The movement that was tried last; it may have ended its round early.
  std::map<std::string, std::string> broken_;  // The broken movements, and why they are broken.
};

}  // namespace shop

#endif  // WORKERS_ORDERS_RECONCILER_H_
