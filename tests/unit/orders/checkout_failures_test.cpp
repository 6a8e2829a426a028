// Every call of a store in every write fails, in every way it can.

#include <iterator>

#include "tests/support/checks.h"
#include "tests/support/fake_shop.h"
#include "tests/support/stderr_capture.h"
#include "workers/orders/checkout.h"

namespace shop {
namespace {

enum class Write { kCreate, kUpdate, kDelete };
constexpr const char* kWriteNames[] = {"create", "update", "delete"};
constexpr const char* kRecordCalls[] = {"orders.Create", "orders.Update", "orders.Delete"};

// The steps of a write. Before the first one, an update and a delete lock and read the order.
enum class Step { kReserve = 1, kRecord, kSettle };

using Effect = StoreCalls::Effect;
using enum StoreCalls::Effect;
using enum StatusCode;
using enum Step;
using enum Write;

constexpr Write kWrites[] = {kCreate, kUpdate, kDelete};

Status FailureOf(StatusCode code) {
  switch (code) {
    case kUnavailable: return Status::Unavailable("made to fail");
    case kLocked: return Status::Locked("made to fail");
    case kUnknownOutcome: return Status::UnknownOutcome("made to fail");
    case kAlreadyExists: return Status::AlreadyExists("stock_movements_pkey");
    default: return Status::Unexpected("made to fail");
  }
}

struct Expectation {
  StatusCode answer;
  bool is_recorded;  // In the order store.
  size_t pending;    // Movements that the reconciler must finish.
  size_t log_lines;
  const char* calls;  // Those after the failed one.
};

// A shop with 10 of a and 10 of b. An update and a delete find order 1, which holds 3 of a and 2 of b. The update makes
// that 5 of a and 1 of b: it takes and gives back.
class WriteUnderTest {
 public:
  explicit WriteUnderTest(Write write) : write_(write) {
    shop.AddProduct("a", 10);
    shop.AddProduct("b", 10);
    if (write == kCreate) return;
    int64_t id = 0;
    CHECK_OK(shop.checkout.Create(new_order_, {}, &id));
    shop.stock.events.clear();
    shop.calls.TakeMade();
  }

  void FailAt(Step step, StatusCode code, Effect effect = kNone) {
    shop.calls.Fail(CallOf(step), FailureOf(code), effect);
  }
  size_t CallOf(Step step) const { return static_cast<size_t>(step) + (write_ == kCreate ? 0 : 2); }

  Status Run() {
    int64_t id = 0;
    Order updated, deleted;
    switch (write_) {
      case kCreate: return shop.checkout.Create(new_order_, {}, &id);
      case kUpdate: return shop.checkout.Update(1, {true, {{1, {}, 5}, {2, {}, 1}}}, &updated);
      case kDelete: return shop.checkout.Delete(1, &deleted);
    }
    return Status::Ok();
  }

  bool IsRecorded() const {
    switch (write_) {
      case kCreate: return shop.orders.orders.contains(1);
      case kUpdate: return shop.orders.orders.at(1).version == 1;
      case kDelete: return !shop.orders.orders.contains(1);
    }
    return false;
  }

  // Runs the write and checks everything that it may have left behind.
  void Check(const Expectation& expected, const std::string& name) {
    const std::string text = std::string(kWriteNames[static_cast<int>(write_)]) + ": " + name;
    StderrCapture log;
    CHECK_EQUAL_TEXT(expected.answer, Run().code(), text.c_str());
    CHECK_EQUAL_TEXT(expected.is_recorded, IsRecorded(), text.c_str());
    CHECK_EQUAL_TEXT(expected.pending, shop.stock.pending.size(), text.c_str());
    CHECK_EQUAL_TEXT(expected.log_lines, log.TakeLines().size(), text.c_str());
    const size_t events = expected.is_recorded && expected.pending == 0 ? 1 : 0;
    CHECK_EQUAL_TEXT(events, shop.stock.events.size(), text.c_str());
    CHECK_EQUAL_TEXT(int64_t{0}, shop.Lost("a"), text.c_str());
    CHECK_EQUAL_TEXT(int64_t{0}, shop.Lost("b"), text.c_str());
    const bool is_settled = expected.pending == 0;
    if (is_settled && !expected.is_recorded) {
      CHECK_EQUAL_TEXT(int64_t{write_ == kCreate ? 10 : 7}, shop.InStock("a"), text.c_str());
    }
    CHECK_EQUAL_TEXT(std::string(expected.calls), shop.calls.TakeMade(), text.c_str());
  }

  FakeShop shop;

 private:
  const NewOrder new_order_ = {{"a", Price("1.00"), 3}, {"b", Price("2.00"), 2}};

  Write write_;
};

// The calls of a write up to its record, then `rest`, with the lock and the read around them. A create gives nothing
// back, so it does not wait for its confirm.
std::string CallsOf(Write write, bool is_recorded, const std::string& rest) {
  std::string calls = write == kCreate ? "stock.Reserve" : "locks.Lock orders.Get stock.Reserve";
  if (is_recorded) calls += std::string(" ") + kRecordCalls[static_cast<int>(write)];
  if (!rest.empty()) calls += write == kCreate && rest == "stock.Confirm" ? " stock.StartConfirm" : " " + rest;
  return write == kCreate ? calls : calls + " locks.Unlock";
}

struct Case {
  const char* name;
  Step step;
  StatusCode failure;
  Effect effect;
  Expectation expected;
};

// Fails one step of each write: no write goes further, except to release or confirm the movement.
void CheckAll(const Case* cases, size_t count) {
  for (const Write write : kWrites) {
    for (size_t i = 0; i < count; ++i) {
      WriteUnderTest test(write);
      test.FailAt(cases[i].step, cases[i].failure, cases[i].effect);
      Expectation expected = cases[i].expected;
      const std::string calls = CallsOf(write, cases[i].step != kReserve, expected.calls);
      expected.calls = calls.c_str();
      test.Check(expected, cases[i].name);
    }
  }
}

}  // namespace

TEST_GROUP(CheckoutFailures){};

TEST(CheckoutFailures, NothingIsRecordedAfterAFailedReserve) {
  static const Case kCases[] = {
      {"refused", kReserve, kUnavailable, kNone, {kUnavailable, false, 0, 0, ""}},
      {"lost before it ran", kReserve, kUnknownOutcome, kNone, {kUnavailable, false, 0, 0, ""}},
      {"lost after it ran", kReserve, kUnknownOutcome, kDone, {kUnavailable, false, 1, 0, ""}},
      {"a defect", kReserve, kUnexpected, kNone, {kUnexpected, false, 0, 0, ""}},
  };
  CheckAll(kCases, std::size(kCases));
}

TEST(CheckoutFailures, ARecordThatIsKnownToHaveFailedIsReleased) {
  static const Case kCases[] = {
      {"refused", kRecord, kUnavailable, kNone, {kUnavailable, false, 0, 0, "stock.Release"}},
      {"locked", kRecord, kLocked, kNone, {kLocked, false, 0, 0, "stock.Release"}},
      {"movement cancelled", kRecord, kAlreadyExists, kNone, {kUnavailable, false, 0, 0, "stock.Release"}},
      {"a defect", kRecord, kUnexpected, kNone, {kUnexpected, false, 0, 0, "stock.Release"}},
  };
  CheckAll(kCases, std::size(kCases));
}

TEST(CheckoutFailures, AfterARecordOfUnknownOutcomeTheMovementStaysPending) {
  static const Case kCases[] = {
      {"lost before it ran", kRecord, kUnknownOutcome, kNone, {kUnknownOutcome, false, 1, 0, ""}},
      {"lost after it ran", kRecord, kUnknownOutcome, kDone, {kUnknownOutcome, true, 1, 0, ""}},
  };
  CheckAll(kCases, std::size(kCases));
}

TEST(CheckoutFailures, AFailedConfirmIsASuccessWithALogLine) {
  static const Case kCases[] = {
      {"refused", kSettle, kUnavailable, kNone, {kOk, true, 1, 1, "stock.Confirm"}},
      {"lost before it ran", kSettle, kUnknownOutcome, kNone, {kOk, true, 1, 1, "stock.Confirm"}},
      {"lost after it ran", kSettle, kUnknownOutcome, kDone, {kOk, true, 0, 1, "stock.Confirm"}},
      {"a defect", kSettle, kUnexpected, kNone, {kOk, true, 1, 1, "stock.Confirm"}},
  };
  CheckAll(kCases, std::size(kCases));
}

TEST(CheckoutFailures, AFailedReleaseDoesNotChangeTheAnswerAndIsLogged) {
  static const Case kCases[] = {
      {"refused", kSettle, kUnavailable, kNone, {kUnavailable, false, 1, 1, "stock.Release"}},
      {"lost before it ran", kSettle, kUnknownOutcome, kNone, {kUnavailable, false, 1, 1, "stock.Release"}},
      {"lost after it ran", kSettle, kUnknownOutcome, kDone, {kUnavailable, false, 0, 1, "stock.Release"}},
      {"a defect", kSettle, kUnexpected, kNone, {kUnavailable, false, 1, 1, "stock.Release"}},
  };
  for (const Write write : kWrites) {
    for (const Case& c : kCases) {
      WriteUnderTest test(write);
      test.FailAt(kRecord, kUnavailable);
      test.FailAt(c.step, c.failure, c.effect);
      Expectation expected = c.expected;
      const std::string calls = CallsOf(write, true, expected.calls);
      expected.calls = calls.c_str();
      test.Check(expected, c.name);
    }
  }
}

TEST(CheckoutFailures, AnOrderThatCannotBeReadMovesNothing) {
  for (const Write write : {kUpdate, kDelete}) {
    for (const StatusCode code : {kUnavailable, kUnexpected}) {
      WriteUnderTest test(write);
      test.shop.calls.Fail(2, FailureOf(code));
      test.Check({code, false, 0, 0, "locks.Lock orders.Get locks.Unlock"}, "unreadable");
    }
  }
}

TEST(CheckoutFailures, AMovementThatWasCancelledAndReleasedIsNotReleasedAgain) {
  for (const Write write : kWrites) {
    WriteUnderTest test(write);
    test.shop.calls.Before(test.CallOf(kRecord), [&test] {
      for (const auto& [id, movement] : test.shop.stock.pending) {
        for (const StockItem& item : movement.take)
          test.shop.products.products[item.product_id].in_stock += item.quantity;
      }
      test.shop.stock.pending.clear();
    });
    test.FailAt(kRecord, kAlreadyExists);
    const std::string calls = CallsOf(write, true, "stock.Release");
    test.Check({kUnavailable, false, 0, 0, calls.c_str()}, "cancelled by the reconciler");
  }
}

TEST(CheckoutFailures, AnyOtherUniqueKeyThatIsTakenIsADefect) {
  for (const Write write : kWrites) {
    WriteUnderTest test(write);
    test.shop.calls.Fail(test.CallOf(kRecord), Status::AlreadyExists("orders_pkey"));
    const std::string calls = CallsOf(write, true, "stock.Release");
    test.Check({kUnexpected, false, 0, 0, calls.c_str()}, "a sequence that is behind");
  }
}

TEST(CheckoutFailures, TheLogNamesTheMovementAndTheOrderThatIsNotConfirmed) {
  WriteUnderTest test(kUpdate);
  test.FailAt(kSettle, kUnavailable);
  StderrCapture log;
  CHECK_OK(test.Run());
  const std::string line = log.Take();
  const std::string movement_id = test.shop.stock.pending.begin()->first;
  STRCMP_CONTAINS(("movement " + movement_id + " of order 1 ").c_str(), line.c_str());
  STRCMP_CONTAINS("made to fail", line.c_str());
}

TEST(CheckoutFailures, TheLogNamesTheMovementThatIsNotReleased) {
  WriteUnderTest test(kUpdate);
  test.FailAt(kRecord, kUnavailable);
  test.FailAt(kSettle, kUnavailable);
  StderrCapture log;
  CHECK_STATUS(kUnavailable, test.Run());
  STRCMP_CONTAINS(("movement " + test.shop.stock.pending.begin()->first).c_str(), log.Take().c_str());
}

}  // namespace shop
