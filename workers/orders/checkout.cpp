#include "workers/orders/checkout.h"

#include <utility>

#include "workers/common/fault_point.h"
#include "workers/common/log_fields.h"
#include "workers/common/uuid.h"
#include "workers/orders/order_change.h"

namespace shop {
namespace {

// An order is recorded only after its reservation: whatever became of that, the write has not happened.
Status AfterFailedReserve(const Status& status) {
  return status.Is(StatusCode::kUnknownOutcome) ? Status::Unavailable("reserve: " + status.detail()) : status;
}

// The movement's id is new: it can only be taken if the reconciler has cancelled the movement as one that a crash left.
// The idempotency key can only be taken if its lock was lost. In both cases the next attempt finds out. No other key
// may be taken.
Status AfterFailedRecord(const Status& status) {
  if (!status.Is(StatusCode::kAlreadyExists)) return status;
  const std::string detail = "record: " + status.message() + " is taken";
  if (status.message() == "idempotency_keys_pkey") return IdempotencyKeyAtWork(detail);
  return status.message() == "stock_movements_pkey" ? Status::Unavailable(detail) : Status::Unexpected(detail);
}

// Until the key is found unused, it is unknown whether an earlier request with it has created the order.
Status BeforeKeyIsKnown(const Status& status) {
  if (status.Is(StatusCode::kLocked)) return IdempotencyKeyAtWork(status.detail());
  return status.Is(StatusCode::kUnavailable) ? Status::UnknownOutcome(status.detail()) : status;
}

// The order is locked: it can only change if the lock was lost.
Status OrderChanged() {
  return Status::Unavailable("record: the order was changed meanwhile");
}

std::string OrderLock(int64_t id) {
  return "order " + std::to_string(id);
}

}  // namespace

Status Checkout::Create(const NewOrder& order, const std::optional<IdempotentRequest>& request, int64_t* id) {
  if (!request) return CreateNew(order, {}, id);
  const ScopedLock lock(locks_, "idempotency key " + request->key);
  return lock.status().ok() ? CreateOnce(order, *request, id) : BeforeKeyIsKnown(lock.status());
}

Status Checkout::Update(int64_t id, const OrderUpdate& update, Order* updated) {
  const ScopedLock lock(locks_, OrderLock(id));
  return lock.status().ok() ? UpdateLocked(id, update, updated) : lock.status();
}

Status Checkout::Delete(int64_t id, Order* deleted) {
  const ScopedLock lock(locks_, OrderLock(id));
  return lock.status().ok() ? DeleteLocked(id, deleted) : lock.status();
}

// While this request holds the lock, no other one is between finding the key unused and using it. So if too little is
// in stock now, the reason is not that an earlier copy of this request has just taken it.
Status Checkout::CreateOnce(const NewOrder& order, const IdempotentRequest& request, int64_t* id) {
  KeyUse use;
  if (const Status status = orders_->FindKeyUse(request, &use); !status.ok()) return BeforeKeyIsKnown(status);
  if (use.kind == KeyUse::kOtherRequest) return IdempotencyKeyReused();
  if (use.kind == KeyUse::kSameRequest) {
    *id = use.order_id;
    return Status::Ok();
  }
  Status status = CreateNew(order, UnusedKey{request.key, std::move(use.body_hash)}, id);
  // Recording waits for another transaction that records the same key. That request must have lost the key's lock.
  return status.Is(StatusCode::kLocked) ? IdempotencyKeyAtWork(status.detail()) : status;
}

Status Checkout::CreateNew(const NewOrder& order, const std::optional<UnusedKey>& key, int64_t* id) {
  const auto record = [&](const std::string& movement_id, int64_t* order_id) {
    Status status = orders_->Create(movement_id, order, key, order_id);
    *id = *order_id;
    return status;
  };
  return Move({NewUuid(), HeldStock(order), {}}, OrderEvent::kCreated, record);
}

Status Checkout::UpdateLocked(int64_t id, const OrderUpdate& update, Order* updated) {
  Order order;
  if (Status status = orders_->Get(id, &order); !status.ok()) return status;
  OrderChange change;
  if (Status status = PlanChange(order, update, &change); !status.ok()) return status;
  *updated = std::move(change.updated);
  if (change.changed.empty()) return Status::Ok();
  const auto record = [&](const std::string& movement_id, int64_t* order_id) {
    *order_id = id;
    bool recorded = false;
    Status status = orders_->Update(movement_id, order, change.changed, &recorded);
    return status.ok() && !recorded ? OrderChanged() : status;
  };
  return Move({NewUuid(), std::move(change.take), std::move(change.give_back)}, OrderEvent::kUpdated, record);
}

Status Checkout::DeleteLocked(int64_t id, Order* deleted) {
  Order& order = *deleted;
  if (Status status = orders_->Get(id, &order); !status.ok()) return status;
  const auto record = [&](const std::string& movement_id, int64_t* order_id) {
    *order_id = id;
    bool recorded = false;
    Status status = orders_->Delete(movement_id, order, &recorded);
    return status.ok() && !recorded ? OrderChanged() : status;
  };
  return Move({NewUuid(), {}, HeldStock(order.details)}, OrderEvent::kDeleted, record);
}

Status Checkout::Move(const StockMovement& movement, OrderEvent event, const Record& record) {
  FaultPoint("before reserve");
  if (const Status status = stock_->Reserve(movement); !status.ok()) return AfterFailedReserve(status);
  FaultPoint("after reserve");
  int64_t order_id = 0;
  Status status = record(movement.id, &order_id);
  FaultPoint("after record");
  if (status.Is(StatusCode::kUnknownOutcome)) return status;
  if (status.ok()) {
    Confirm(movement, event, order_id);
    FaultPoint("after confirm");
  } else {
    Release(movement);
  }
  return AfterFailedRecord(status);
}

// Goods that come back are on stock before the client hears of it. If nothing is given back, only the event is
// outstanding, and the client need not wait for it.
void Checkout::Confirm(const StockMovement& movement, OrderEvent event, int64_t order_id) {
  const Status status = movement.give_back.empty() ? stock_->StartConfirm(movement, event, order_id)
                                                   : stock_->Confirm(movement, event, order_id);
  if (status.ok()) return;
  const std::string message = "movement " + movement.id + " of order " + std::to_string(order_id) +
                              " is recorded and not yet confirmed: " + status.detail();
  logger_->Log(events::kConfirmFailed, message, [&](JsonWriter* json) {
    json->Key("movement_id").String(movement.id).Key("order_id").Int(order_id);
    WriteFailureFields(status, json);
  });
}

void Checkout::Release(const StockMovement& movement) {
  const Status status = stock_->Release(movement);
  if (status.ok()) return;
  const std::string message = "movement " + movement.id + " is not yet released: " + status.detail();
  logger_->Log(events::kReleaseFailed, message, [&](JsonWriter* json) {
    json->Key("movement_id").String(movement.id);
    WriteFailureFields(status, json);
  });
}

}  // namespace shop
