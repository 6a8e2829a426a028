#include "workers/orders/reconciler.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/checks.h"
#include "tests/support/fake_shop.h"
#include "tests/support/movement_ids.h"
#include "tests/support/stderr_capture.h"
#include "workers/orders/movement_log.h"
#include "workers/orders/retention.h"

namespace shop {
namespace {

constexpr char kThird[] = "019a0000-0000-7000-8000-000000000003";
constexpr std::chrono::milliseconds kAgeLimit{10'000};

// A movement log in memory. Its calls are named "movements.Settle" and so on.
class FakeMovementLog : public MovementLog {
 public:
  explicit FakeMovementLog(StoreCalls* calls) : calls_(calls) {}

  std::map<std::string, std::optional<RecordedMovement>> movements;  // Nothing: cancelled.

  Status Settle(const std::string& movement_id, std::optional<RecordedMovement>* recorded) override {
    return calls_->Make("movements.Settle", [&] {
      *recorded = movements.try_emplace(movement_id, std::nullopt).first->second;
      return Status::Ok();
    });
  }
  Status Ping() override {
    return calls_->Make("movements.Ping", [] { return Status::Ok(); });
  }

 private:
  StoreCalls* calls_;
};

// Counts of old movements and keys. Its calls are named "retention.PurgeMovements" and "retention.PurgeKeys".
class FakeRetention : public Retention {
 public:
  explicit FakeRetention(StoreCalls* calls) : calls_(calls) {}

  size_t old_movements = 0;
  size_t old_keys = 0;
  std::vector<std::string> kept;  // By the last PurgeMovements.

  Status PurgeMovements(const std::vector<std::string>& keep, size_t* removed) override {
    kept = keep;
    return Purge("retention.PurgeMovements", &old_movements, removed);
  }
  Status PurgeIdempotencyKeys(size_t* removed) override { return Purge("retention.PurgeKeys", &old_keys, removed); }

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

// 10 of a. The overdue movement has taken 3 of them, and gives back 2 if it is confirmed.
TEST_GROUP(Reconciler) {
  FakeShop shop;
  FakeMovementLog movements{&shop.calls};
  FakeRetention retention{&shop.calls};
  Logger logger{"reconciler", LogLevel::kInfo};
  Reconciler reconciler{&movements, &retention, &shop.stock, &logger, kAgeLimit};
  Reconciler::Clock::time_point now{std::chrono::hours(1)};
  const StockMovement movement{kMovementId, {{"a", 3}}, {{"a", 2}}};

  void setup() override {
    shop.AddProduct("a", 10);
    CHECK_OK(shop.stock.Reserve(movement));
    CHECK_OK(RoundWithNothingToDo());  // So that nothing is due for a purge.
    shop.calls.TakeMade();
    shop.stock.age_of_pending = kAgeLimit + std::chrono::milliseconds(1);
  }

  Status RoundWithNothingToDo() {
    const auto age = std::exchange(shop.stock.age_of_pending, kAgeLimit);
    Status status = reconciler.Round(now);
    shop.stock.age_of_pending = age;
    return status;
  }
  void Reserve(const std::string& movement_id) {
    CHECK_OK(shop.stock.Reserve({movement_id, {{"a", 1}}, {}}));
    shop.calls.TakeMade();
  }
};

TEST(Reconciler, WhatWasRecordedIsConfirmedAndLogged) {
  movements.movements[kMovementId] = RecordedMovement{OrderEvent::kUpdated, 42};
  StderrCapture log;
  CHECK_OK(reconciler.Round(now));
  CHECK_EQUAL(std::string("stock.FindOverdue movements.Settle stock.Confirm stock.Ping movements.Ping"),
              shop.calls.TakeMade());
  CHECK_EQUAL(int64_t{9}, shop.InStock("a"));
  CHECK_EQUAL(size_t{1}, shop.stock.events.size());
  CHECK(OrderEvent::kUpdated == shop.stock.events[0].event);
  CHECK_EQUAL(int64_t{42}, shop.stock.events[0].order_id);
  STRCMP_CONTAINS((std::string(kMovementId) + " was recorded: confirmed for order 42").c_str(), log.Take().c_str());
}

TEST(Reconciler, WhatWasNotRecordedIsCancelledReleasedAndLogged) {
  StderrCapture log;
  CHECK_OK(reconciler.Round(now));
  CHECK_EQUAL(std::string("stock.FindOverdue movements.Settle stock.Release stock.Ping movements.Ping"),
              shop.calls.TakeMade());
  CHECK_FALSE(movements.movements.at(kMovementId).has_value());
  CHECK_EQUAL(int64_t{10}, shop.InStock("a"));
  CHECK_EQUAL(size_t{0}, shop.stock.events.size());
  STRCMP_CONTAINS((std::string(kMovementId) + " was not recorded: released").c_str(), log.Take().c_str());
}

TEST(Reconciler, NothingOverdueIsQuiet) {
  StderrCapture log;
  CHECK_OK(RoundWithNothingToDo());
  CHECK_EQUAL(std::string("stock.FindOverdue stock.Ping movements.Ping"), shop.calls.TakeMade());
  CHECK_EQUAL(std::string(""), log.Take());
}

TEST(Reconciler, ItsEffectsHappenOnceWhicheverCallFailsAndHowever) {
  for (const bool is_recorded : {true, false}) {
    for (const size_t call : {size_t{1}, size_t{2}, size_t{3}}) {
      for (const auto effect : {StoreCalls::Effect::kNone, StoreCalls::Effect::kDone}) {
        movements.movements.clear();
        shop.stock.events.clear();
        shop.products.products["a"].in_stock = 7;
        shop.stock.pending[kMovementId] = movement;
        if (is_recorded) movements.movements[kMovementId] = RecordedMovement{OrderEvent::kUpdated, 42};
        StderrCapture log;
        shop.calls.Fail(call, Status::UnknownOutcome("made to fail"), effect);
        CHECK_STATUS(StatusCode::kUnknownOutcome, reconciler.Round(now));
        CHECK_OK(reconciler.Round(now));
        CHECK_EQUAL(int64_t{is_recorded ? 9 : 10}, shop.InStock("a"));
        CHECK_EQUAL(size_t{is_recorded ? 1U : 0U}, shop.stock.events.size());
        CHECK(shop.stock.pending.empty());
      }
    }
  }
}

TEST(Reconciler, ABrokenMovementStopsNoOther) {
  Reserve(kThird);
  shop.stock.broken = {"no UUID", "", kOtherMovementId};
  StderrCapture log;
  shop.calls.Fail(2, Status::Unexpected("redis: wrong type"));
  CHECK_OK(reconciler.Round(now));
  CHECK(shop.stock.pending.contains(kMovementId));
  CHECK_FALSE(shop.stock.pending.contains(kThird));
  const std::string said = log.Take();
  STRCMP_CONTAINS((std::string(kMovementId) + " is broken and stays pending, one of 4: redis: wrong type").c_str(),
                  said.c_str());
  STRCMP_CONTAINS("movement no UUID is broken and stays pending, one of 4", said.c_str());
}

TEST(Reconciler, ABrokenMovementIsLoggedOnceForAsLongAsItIsThere) {
  shop.stock.broken = {"x"};
  shop.stock.pending.clear();
  StderrCapture log;
  CHECK_OK(reconciler.Round(now));
  STRCMP_CONTAINS("movement x", log.Take().c_str());
  CHECK_OK(reconciler.Round(now));
  CHECK_EQUAL(std::string(), log.Take());
  shop.stock.broken = {"x", "y"};
  CHECK_OK(reconciler.Round(now));
  const std::string said = log.Take();
  STRCMP_CONTAINS("movement y is broken and stays pending, one of 2", said.c_str());
  CHECK_EQUAL(std::string::npos, said.find("movement x"));
  shop.stock.broken = {};
  CHECK_OK(reconciler.Round(now));
  shop.stock.broken = {"x"};
  CHECK_OK(reconciler.Round(now));
  STRCMP_CONTAINS("movement x", log.Take().c_str());
}

TEST(Reconciler, OneThatTakesTooLongDoesNotKeepTheOthersFromTheirTurn) {
  Reserve(kOtherMovementId);
  Reserve(kThird);
  StderrCapture log;
  shop.calls.Fail(2, Status::Unavailable("canceling statement due to statement timeout"));
  CHECK_STATUS(StatusCode::kUnavailable, reconciler.Round(now));
  CHECK_EQUAL(size_t{3}, shop.stock.pending.size());
  shop.calls.Fail(6, Status::Unavailable("canceling statement due to statement timeout"));
  CHECK_STATUS(StatusCode::kUnavailable, reconciler.Round(now));
  CHECK_EQUAL(size_t{1}, shop.stock.pending.size());
  CHECK(shop.stock.pending.contains(kMovementId));
}

TEST(Reconciler, PurgesInBatchesUntilNothingOldIsLeft) {
  retention.old_movements = 2 * Retention::kBatchSize;
  retention.old_keys = 1;
  now += std::chrono::minutes(1);
  StderrCapture log;
  CHECK_OK(RoundWithNothingToDo());
  STRCMP_CONTAINS(R"("event":"rows_purged","message":"old rows were removed","movements":2000,"keys":1})",
                  log.Take().c_str());
  CHECK_EQUAL(size_t{0}, retention.old_movements);
  CHECK_EQUAL(size_t{0}, retention.old_keys);
  CHECK_EQUAL(
      std::string("stock.FindOverdue retention.PurgeMovements retention.PurgeMovements retention.PurgeMovements "
                  "retention.PurgeKeys stock.Ping movements.Ping"),
      shop.calls.TakeMade());
}

TEST(Reconciler, PurgesOnceAMinute) {
  now += std::chrono::seconds(59);
  CHECK_OK(RoundWithNothingToDo());
  CHECK_EQUAL(std::string("stock.FindOverdue stock.Ping movements.Ping"), shop.calls.TakeMade());
  now += std::chrono::seconds(1);
  CHECK_OK(RoundWithNothingToDo());
  STRCMP_CONTAINS("retention.PurgeMovements retention.PurgeKeys", shop.calls.TakeMade().c_str());
  CHECK_OK(RoundWithNothingToDo());
  CHECK_EQUAL(std::string("stock.FindOverdue stock.Ping movements.Ping"), shop.calls.TakeMade());
}

TEST(Reconciler, APurgeThatFailsIsMadeUpForInTheNextRound) {
  for (const size_t call : {size_t{2}, size_t{3}}) {
    now += std::chrono::minutes(1);
    for (int i = 0; i < 2; ++i) {
      shop.calls.Fail(call, Status::Unavailable("gone"));
      CHECK_STATUS(StatusCode::kUnavailable, RoundWithNothingToDo());
    }
    shop.calls.TakeMade();
    CHECK_OK(RoundWithNothingToDo());
    STRCMP_CONTAINS("retention.PurgeMovements retention.PurgeKeys", shop.calls.TakeMade().c_str());
  }
}

TEST(Reconciler, NothingIsPurgedBeforeWhatIsOverdueIsFinished) {
  now += std::chrono::minutes(1);
  shop.calls.Fail(2, Status::Unavailable("gone"));
  CHECK_STATUS(StatusCode::kUnavailable, reconciler.Round(now));
  CHECK_EQUAL(std::string("stock.FindOverdue movements.Settle"), shop.calls.TakeMade());
}

TEST(Reconciler, APurgeSparesTheMovementsThatAreLeft) {
  now += std::chrono::minutes(1);
  shop.stock.broken = {"no UUID", kOtherMovementId};
  StderrCapture log;
  shop.calls.Fail(2, Status::Unexpected("broken"));
  CHECK_OK(reconciler.Round(now));
  CHECK((std::vector<std::string>{kMovementId, kOtherMovementId}) == retention.kept);
}

TEST(Reconciler, AStoreThatTakesNoWritesIsTold) {
  for (const size_t call : {size_t{2}, size_t{3}}) {
    shop.calls.Fail(call, Status::ReadOnly("full"));
    const Status status = RoundWithNothingToDo();
    CHECK_STATUS(StatusCode::kUnavailable, status);
    CHECK(status.is_read_only());
  }
}

}  // namespace shop
