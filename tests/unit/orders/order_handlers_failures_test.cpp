// What clients get when a store fails, at each call of each request.

#include <functional>
#include <new>

#include "tests/support/ask.h"
#include "tests/support/checks.h"
#include "tests/support/fake_shop.h"
#include "tests/support/stderr_capture.h"
#include "workers/orders/order_handlers.h"

namespace shop {
namespace {

struct FailingCall {
  const char* method;
  const char* url;
  const char* body;
  size_t call;  // The call that fails.
  const char* name;
  const char* idempotency_key = nullptr;
};

constexpr char kSmallOrderBody[] = R"({"order_details":[{"product_id":"a","price":"1.00","quantity":3}]})";
constexpr char kUpdateBody[] = R"({"order_details":[{"id":1,"price":"1.00","quantity":4}]})";

// Every call, except the last one of a checkout: if that fails, the request does not.
constexpr FailingCall kFailingCalls[] = {
    {"POST", "/orders", kSmallOrderBody, 1, "stock.Reserve"},
    {"POST", "/orders", kSmallOrderBody, 2, "orders.Create"},
    {"GET", "/orders/1", "", 1, "orders.Get"},
    {"GET", "/orders/1", "", 2, "products.GetMany"},
    {"HEAD", "/orders/1", "", 2, "products.GetMany"},
    {"PUT", "/orders/1", kUpdateBody, 1, "locks.Lock"},
    {"PUT", "/orders/1", kUpdateBody, 2, "orders.Get"},
    {"PUT", "/orders/1", kUpdateBody, 3, "stock.Reserve"},
    {"PATCH", "/orders/1", kUpdateBody, 4, "orders.Update"},
    {"PATCH", "/orders/1", kUpdateBody, 7, "products.GetMany"},
    {"DELETE", "/orders/1", "", 1, "locks.Lock"},
    {"DELETE", "/orders/1", "", 2, "orders.Get"},
    {"DELETE", "/orders/1", "", 3, "stock.Reserve"},
    {"DELETE", "/orders/1", "", 4, "orders.Delete"},
    {"GET", "/orders", "", 1, "orders.List"},
    {"GET", "/orders?expand=product", "", 2, "products.GetMany"},
};

std::string MessageOf(const HttpResponse& response) {
  constexpr std::string_view kMessage = "\"message\":\"";
  const size_t begin = response.body.find(kMessage) + kMessage.size();
  return response.body.substr(begin, response.body.find('"', begin) - begin);
}

}  // namespace

TEST_GROUP(OrderHandlersFailures) {
  StderrCapture log;

  // The answer to the request of `c` when its call fails with `failure`. The shop is new and has order 1, which holds 3
  // of a.
  HttpResponse AskWithFailure(const FailingCall& c, const Status& failure) {
    return AskAfter([&](StoreCalls* calls) { calls->Fail(c.call, failure); }, c);
  }

  HttpResponse AskWithException(const FailingCall& c) {
    return AskAfter([&](StoreCalls* calls) { calls->Before(c.call, [] { throw std::bad_alloc(); }); }, c);
  }

  HttpResponse AskAfter(const std::function<void(StoreCalls*)>& make_fail, const FailingCall& c) {
    FakeShop shop;
    const Router router(OrderResources({&shop.orders, &shop.products, &shop.checkout, "http://images"}), &shop.logger);
    shop.AddProduct("a", 10);
    CHECK_EQUAL(200, Ask(router, "POST", "/orders", kSmallOrderBody).status);
    make_fail(&shop.calls);
    log.Take();
    HttpHeaders headers;
    if (c.idempotency_key != nullptr) headers.emplace_back("idempotency-key", c.idempotency_key);
    HttpResponse response = Ask(router, c.method, c.url, c.body, headers);
    CHECK_EQUAL(int64_t{0}, shop.Lost("a"));
    CHECK(shop.locks.held.empty());
    return response;
  }
};

TEST(OrderHandlersFailures, AStoreThatIsAwayIs503AndOneLogLine) {
  for (const FailingCall& c : kFailingCalls) {
    const HttpResponse response = AskWithFailure(c, Status::Unavailable("at 10.0.0.1: gone"));
    CHECK_EQUAL_TEXT(std::string("503 SERVICE_UNAVAILABLE"), Summary(response), c.name);
    CHECK_TEXT(response.body.find("10.0.0.1") == std::string::npos, c.name);
    const std::vector<std::string> lines = log.TakeLines();
    CHECK_EQUAL_TEXT(size_t{1}, lines.size(), c.name);
    STRCMP_CONTAINS_TEXT("at 10.0.0.1: gone", lines[0].c_str(), c.name);
  }
}

TEST(OrderHandlersFailures, ADefectIs500WithFixedTextAndOneLogLine) {
  for (const FailingCall& c : kFailingCalls) {
    const HttpResponse response = AskWithFailure(c, Status::Unexpected("SELECT"));
    CHECK_EQUAL_TEXT(std::string("500 UNEXPECTED_ERROR"), Summary(response), c.name);
    CHECK_EQUAL_TEXT(std::string("Something went wrong. The log has the details."), MessageOf(response), c.name);
    const std::vector<std::string> lines = log.TakeLines();
    CHECK_EQUAL_TEXT(size_t{1}, lines.size(), c.name);
    STRCMP_CONTAINS_TEXT("SELECT", lines[0].c_str(), c.name);
  }
}

TEST(OrderHandlersFailures, AnExceptionHoldsNoLockAndIsOneLogLineAndOfAWriteNobodyKnowsTheEnd) {
  for (const FailingCall& c : kFailingCalls) {
    const bool is_read = c.method == std::string("GET") || c.method == std::string("HEAD");
    const HttpResponse response = AskWithException(c);
    CHECK_EQUAL_TEXT(std::string(is_read ? "500 UNEXPECTED_ERROR" : "503 SERVICE_UNAVAILABLE"), Summary(response),
                     c.name);
    CHECK_TEXT(is_read || MessageOf(response).find("may or may not") != std::string::npos, c.name);
    const std::vector<std::string> lines = log.TakeLines();
    CHECK_EQUAL_TEXT(size_t{1}, lines.size(), c.name);
    STRCMP_CONTAINS_TEXT("bad_alloc", lines[0].c_str(), c.name);
  }
}

TEST(OrderHandlersFailures, TheMessageSaysWhetherTheWriteIsKnownNotToHaveHappened) {
  const std::string known = "The service is unavailable for the moment. Nothing was changed; try again.";
  const std::string unknown =
      "The service was interrupted. The change may or may not have been made; look before you try again.";
  const FailingCall kRecords[] = {
      {"PUT", "/orders/1", kUpdateBody, 4, "orders.Update"},
      {"DELETE", "/orders/1", "", 4, "orders.Delete"},
  };
  for (const FailingCall& c : kRecords) {
    CHECK_EQUAL_TEXT(known, MessageOf(AskWithFailure(c, Status::Unavailable("gone"))), c.name);
    const HttpResponse response = AskWithFailure(c, Status::UnknownOutcome("gone"));
    CHECK_EQUAL_TEXT(std::string("503 SERVICE_UNAVAILABLE"), Summary(response), c.name);
    CHECK_EQUAL_TEXT(unknown, MessageOf(response), c.name);
  }
}

TEST(OrderHandlersFailures, AnOrderThatSomebodyElseChangesIsSaidToBeUnchanged) {
  const FailingCall kLocked[] = {
      {"PUT", "/orders/1", kUpdateBody, 1, "locks.Lock"},
      {"PATCH", "/orders/1", kUpdateBody, 4, "orders.Update"},
      {"DELETE", "/orders/1", "", 1, "locks.Lock"},
      {"DELETE", "/orders/1", "", 4, "orders.Delete"},
  };
  for (const FailingCall& c : kLocked) {
    const HttpResponse response = AskWithFailure(c, Status::Locked("held"));
    CHECK_EQUAL_TEXT(std::string("503 SERVICE_UNAVAILABLE"), Summary(response), c.name);
    CHECK_EQUAL_TEXT(std::string("Another change of this order is at work. Nothing was changed; try again."),
                     MessageOf(response), c.name);
  }
}

TEST(OrderHandlersFailures, AfterAnUnknownOutcomeOfACreateTheMessageSaysHowToGoOn) {
  HttpResponse response =
      AskWithFailure({"POST", "/orders", kSmallOrderBody, 2, "orders.Create"}, Status::UnknownOutcome("gone"));
  CHECK_EQUAL(std::string("503 SERVICE_UNAVAILABLE"), Summary(response));
  CHECK_EQUAL(std::string("The order may have been created. Look it up before you try again; with an Idempotency-Key "
                          "trying again is safe."),
              MessageOf(response));
  // With a key: lock, find, reserve, record.
  response =
      AskWithFailure({"POST", "/orders", kSmallOrderBody, 4, "orders.Create", "a-key"}, Status::UnknownOutcome("gone"));
  CHECK_EQUAL(std::string("The order may have been created. Try again with the same Idempotency-Key: that finds the "
                          "order or creates it, whichever is right."),
              MessageOf(response));
}

TEST(OrderHandlersFailures, AnUpdateWhoseProductsCannotBeShownSaysThatItHappened) {
  const HttpResponse response =
      AskWithFailure({"PATCH", "/orders/1", kUpdateBody, 7, "products.GetMany"}, Status::Unavailable("gone"));
  CHECK_EQUAL(std::string("The order was updated, but its products cannot be shown for the moment."),
              MessageOf(response));
  CHECK_EQUAL(std::string("unknown 1"), HeaderOf(response, "X-Write"));
}

TEST(OrderHandlersFailures, HealthNamesThePartThatIsIll) {
  CHECK_EQUAL(std::string(R"({"postgres":"up","redis":"up"})"), AskWithFailure({"GET", "/health", "", 9, ""}, {}).body);
  const HttpResponse no_postgres = AskWithFailure({"GET", "/health", "", 1, ""}, Status::Unavailable("gone"));
  CHECK_EQUAL(503, no_postgres.status);
  CHECK_EQUAL(std::string(R"({"postgres":"down","redis":"up"})"), no_postgres.body);
  CHECK_EQUAL(std::string(R"({"postgres":"up","redis":"down"})"),
              AskWithFailure({"GET", "/health", "", 2, ""}, Status::Unavailable("gone")).body);
}

}  // namespace shop
