#include "workers/orders/reconciler.h"

#include <optional>
#include <vector>

#include "workers/common/fault_point.h"

namespace shop {
namespace {

Status PurgeAll(MovementLog* movements, Status (MovementLog::*purge)(size_t* removed)) {
  size_t removed = 0;
  do {
    if (Status status = (movements->*purge)(&removed); !status.ok()) return status;
  } while (removed == MovementLog::kBatchSize);
  return Status::Ok();
}

}  // namespace

Status Reconciler::FinishOverdue() {
  std::vector<std::string> overdue;
  if (Status status = stock_->FindOverdue(age_limit_, &overdue); !status.ok()) return status;
  for (const std::string& movement_id : overdue) {
    if (Status status = Finish(movement_id); !status.ok()) return status;
  }
  return Status::Ok();
}

Status Reconciler::Finish(const std::string& movement_id) {
  FaultPoint("before settle");
  std::optional<RecordedMovement> recorded;
  if (Status status = movements_->Settle(movement_id, &recorded); !status.ok()) return status;
  FaultPoint("after settle");
  Status status =
      recorded ? stock_->Confirm(movement_id, recorded->event, recorded->order_id) : stock_->Release(movement_id);
  if (!status.ok()) return status;
  FaultPoint("after finish");
  logger_->Log(LogLevel::kWarning, recorded ? "movement " + movement_id + " was recorded: confirmed for order " +
                                                  std::to_string(recorded->order_id)
                                            : "movement " + movement_id + " was not recorded: released");
  return status;
}

Status Reconciler::Purge() {
  if (Status status = PurgeAll(movements_, &MovementLog::PurgeMovements); !status.ok()) return status;
  return PurgeAll(movements_, &MovementLog::PurgeIdempotencyKeys);
}

}  // namespace shop
