#include "workers/orders/reconciler.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "workers/common/fault_point.h"
#include "workers/common/utf8.h"
#include "workers/common/uuid.h"

namespace shop {
namespace {

constexpr std::chrono::minutes kPurgeInterval{1};

// Calls `purge` until nothing old is left. Adds what it has removed to `total`, also if it fails in the end.
Status PurgeAll(const std::function<Status(size_t* removed)>& purge, size_t* total) {
  size_t removed = 0;
  do {
    if (Status status = purge(&removed); !status.ok()) return status;
    *total += removed;
  } while (removed == Retention::kBatchSize);
  return Status::Ok();
}

// Whether a store failed. If not, the movement itself is broken.
bool IsOfStore(const Status& status) {
  return status.Is(StatusCode::kUnavailable) || status.Is(StatusCode::kUnknownOutcome);
}

}  // namespace

Status Reconciler::Round(Clock::time_point now) {
  if (Status status = FinishOverdue(); !status.ok()) return status;
  if (Status status = PurgeIfDue(now); !status.ok()) return status;
  return Ping();
}

Status Reconciler::FinishOverdue() {
  OverdueMovements overdue;
  if (Status status = stock_->FindOverdue(age_limit_, &overdue); !status.ok()) return status;
  // If a movement took too long and ended the last round early, all others have their turn before it.
  std::vector<StockMovement>& movements = overdue.movements;
  const auto next = std::find_if(movements.begin(), movements.end(),
                                 [this](const StockMovement& movement) { return movement.id > last_tried_; });
  std::rotate(movements.begin(), next, movements.end());
  std::map<std::string, std::string> reasons;
  for (const std::string& field : overdue.broken) reasons[field] = "its entry is malformed, or its id is no UUID";
  for (const StockMovement& movement : movements) {
    last_tried_ = movement.id;
    Status status = Finish(movement);
    if (IsOfStore(status)) return status;
    if (!status.ok()) reasons[movement.id] = status.detail();
  }
  SetBroken(std::move(reasons));
  return Status::Ok();
}

Status Reconciler::Finish(const StockMovement& movement) {
  FaultPoint("before settle");
  std::optional<RecordedMovement> recorded;
  if (Status status = movements_->Settle(movement.id, &recorded); !status.ok()) return status;
  FaultPoint("after settle");
  Status status = recorded ? stock_->Confirm(movement, recorded->event, recorded->order_id) : stock_->Release(movement);
  if (!status.ok()) return status;
  FaultPoint("after finish");
  LogFinished(movement.id, recorded ? std::optional(recorded->order_id) : std::nullopt);
  return status;
}

void Reconciler::LogFinished(const std::string& movement_id, std::optional<int64_t> order_id) const {
  if (order_id) {
    const std::string outcome = " was recorded: confirmed for order " + std::to_string(*order_id);
    logger_->Log(events::kMovementConfirmed, "movement " + movement_id + outcome, [&](JsonWriter* json) {
      json->Key("movement_id").String(movement_id).Key("order_id").Int(*order_id);
    });
  } else {
    logger_->Log(events::kMovementReleased, "movement " + movement_id + " was not recorded: released",
                 [&](JsonWriter* json) { json->Key("movement_id").String(movement_id); });
  }
}

void Reconciler::SetBroken(std::map<std::string, std::string> reasons) {
  for (const auto& [movement_id, reason] : reasons) {
    if (broken_.contains(movement_id)) continue;
    std::string line = "movement " + movement_id;
    line.append(" is broken and stays pending, one of ").append(std::to_string(reasons.size()));
    // The name of the entry is whatever another program has written.
    logger_->Log(events::kMovementBroken, line.append(": ").append(reason),
                 [&id = movement_id](JsonWriter* json) { json->Key("movement_id").String(ToUtf8(id)); });
  }
  broken_ = std::move(reasons);
}

// Broken movements are still pending, so the movement log must still say what became of them.
Status Reconciler::PurgeIfDue(Clock::time_point now) {
  if (now < next_purge_) return Status::Ok();
  std::vector<std::string> broken;
  for (const auto& [movement_id, reason] : broken_) {
    if (IsUuid(movement_id)) broken.push_back(movement_id);
  }
  size_t movements = 0, keys = 0;
  Status status = PurgeAll([&](size_t* removed) { return retention_->PurgeMovements(broken, removed); }, &movements);
  if (status.ok()) status = PurgeAll([&](size_t* removed) { return retention_->PurgeIdempotencyKeys(removed); }, &keys);
  if (status.ok()) next_purge_ = now + kPurgeInterval;
  LogPurged(movements, keys);
  return status;
}

void Reconciler::LogPurged(size_t movements, size_t keys) const {
  if (movements + keys == 0) return;
  logger_->Log(events::kRowsPurged, "old rows were removed", [&](JsonWriter* json) {
    json->Key("movements").Int(static_cast<int64_t>(movements)).Key("keys").Int(static_cast<int64_t>(keys));
  });
}

Status Reconciler::Ping() {
  if (Status status = stock_->Ping(); !status.ok()) return status;
  return movements_->Ping();
}

}  // namespace shop
