#include "workers/orders/reconciler.h"

#include <map>
#include <optional>
#include <string>

#include "tests/support/checks.h"
#include "tests/support/fake_shop.h"
#include "tests/support/stderr_capture.h"
#include "workers/orders/movement_log.h"

namespace shop {
namespace {

constexpr char kId[] = "movement-1";

// A movement log in memory. Its calls are named "movements.Settle" and so on.
class FakeMovementLog : public MovementLog {
 public:
  explicit FakeMovementLog(StoreCalls* calls) : calls_(calls) {}

  std::map<std::string, std::optional<RecordedMovement>> movements;  // Nothing: cancelled.
  size_t old_movements = 0;
  size_t old_keys = 0;

  Status Settle(const std::string& movement_id, std::optional<RecordedMovement>* recorded) override {
    return calls_->Make("movements.Settle", [&] {
      *recorded = movements.try_emplace(movement_id, std::nullopt).first->second;
      return Status::Ok();
    });
  }
  Status PurgeMovements(size_t* removed) override { return Purge("movements.PurgeMovements", &old_movements, removed); }
  Status PurgeIdempotencyKeys(size_t* removed) override { return Purge("movements.PurgeKeys", &old_keys, removed); }

 private:
  Status Purge(const std::string& name, size_t* old, size_t* removed) {
    return calls_->Make(name, [&] {
      *removed = std::min(*old, kBatchSize);
      *old -= *removed;
      return Status::Ok();
    });
  }

  StoreCalls* calls_;
};

}  // namespace

// 10 of a, 3 of which the overdue movement has taken, to give back 2 if it is confirmed.
TEST_GROUP(Reconciler) {
  FakeShop shop;
  FakeMovementLog movements{&shop.calls};
  Logger logger{"reconciler", LogLevel::kWarning};
  Reconciler reconciler{&movements, &shop.stock, &logger, std::chrono::seconds(10)};

  void setup() override {
    shop.AddProduct("a", 10);
    CHECK_OK(shop.stock.Reserve({kId, {{"a", 3}}, {{"a", 2}}}));
    shop.stock.overdue = {kId};
    shop.calls.TakeMade();
  }
};

TEST(Reconciler, WhatWasRecordedIsConfirmedAndLogged) {
  movements.movements[kId] = RecordedMovement{OrderEvent::kUpdated, 42};
  StderrCapture log;
  CHECK_OK(reconciler.FinishOverdue());
  CHECK_EQUAL(std::string("stock.FindOverdue movements.Settle stock.Confirm"), shop.calls.TakeMade());
  CHECK_EQUAL(int64_t{9}, shop.InStock("a"));
  CHECK_EQUAL(size_t{1}, shop.stock.events.size());
  CHECK(OrderEvent::kUpdated == shop.stock.events[0].event);
  CHECK_EQUAL(int64_t{42}, shop.stock.events[0].order_id);
  STRCMP_CONTAINS("movement movement-1 was recorded: confirmed for order 42", log.Take().c_str());
}

TEST(Reconciler, WhatWasNotRecordedIsCancelledReleasedAndLogged) {
  StderrCapture log;
  CHECK_OK(reconciler.FinishOverdue());
  CHECK_EQUAL(std::string("stock.FindOverdue movements.Settle stock.Release"), shop.calls.TakeMade());
  CHECK_FALSE(movements.movements.at(kId).has_value());
  CHECK_EQUAL(int64_t{10}, shop.InStock("a"));
  CHECK_EQUAL(size_t{0}, shop.stock.events.size());
  STRCMP_CONTAINS("movement movement-1 was not recorded: released", log.Take().c_str());
}

TEST(Reconciler, NothingOverdueIsQuiet) {
  shop.stock.overdue.clear();
  StderrCapture log;
  CHECK_OK(reconciler.FinishOverdue());
  CHECK_EQUAL(std::string("stock.FindOverdue"), shop.calls.TakeMade());
  CHECK_EQUAL(std::string(""), log.Take());
}

TEST(Reconciler, ItsEffectsHappenOnceWhicheverCallFailsAndHowever) {
  for (const bool is_recorded : {true, false}) {
    for (const size_t call : {size_t{1}, size_t{2}, size_t{3}}) {
      for (const auto effect : {StoreCalls::Effect::kNone, StoreCalls::Effect::kDone}) {
        movements.movements.clear();
        shop.stock.events.clear();
        shop.products.products["a"].in_stock = 7;
        shop.stock.notes[kId] = {kId, {{"a", 3}}, {{"a", 2}}};
        if (is_recorded) movements.movements[kId] = RecordedMovement{OrderEvent::kUpdated, 42};
        StderrCapture log;
        shop.calls.Fail(call, Status::UnknownOutcome("made to fail"), effect);
        CHECK_STATUS(StatusCode::kUnknownOutcome, reconciler.FinishOverdue());
        CHECK_OK(reconciler.FinishOverdue());
        CHECK_EQUAL(int64_t{is_recorded ? 9 : 10}, shop.InStock("a"));
        CHECK_EQUAL(size_t{is_recorded ? 1U : 0U}, shop.stock.events.size());
        CHECK(shop.stock.notes.empty());
      }
    }
  }
}

TEST(Reconciler, ASettledMovementStaysSettled) {
  StderrCapture log;
  CHECK_OK(reconciler.FinishOverdue());
  CHECK_OK(reconciler.FinishOverdue());
  CHECK_EQUAL(int64_t{10}, shop.InStock("a"));
}

TEST(Reconciler, PurgesInBatchesUntilNothingOldIsLeft) {
  movements.old_movements = 2 * MovementLog::kBatchSize;
  movements.old_keys = 1;
  CHECK_OK(reconciler.Purge());
  CHECK_EQUAL(size_t{0}, movements.old_movements);
  CHECK_EQUAL(size_t{0}, movements.old_keys);
  CHECK_EQUAL(
      std::string("movements.PurgeMovements movements.PurgeMovements movements.PurgeMovements movements.PurgeKeys"),
      shop.calls.TakeMade());
}

TEST(Reconciler, APurgeThatFailsSaysSo) {
  for (const size_t call : {size_t{1}, size_t{2}}) {
    shop.calls.Fail(call, Status::Unavailable("gone"));
    CHECK_STATUS(StatusCode::kUnavailable, reconciler.Purge());
  }
}

}  // namespace shop
