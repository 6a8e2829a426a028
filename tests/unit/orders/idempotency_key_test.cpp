#include "workers/orders/idempotency_key.h"

#include <string>

#include "tests/support/ask.h"
#include "tests/support/checks.h"
#include "tests/support/fake_shop.h"
#include "workers/orders/order_handlers.h"

namespace shop {
namespace {

constexpr char kOrder[] = R"({"order_details":[{"product_id":"a","price":"1.00","quantity":3}]})";
constexpr char kAtWork[] =
    "\"Another request with this Idempotency-Key is at work. Try again with the same Idempotency-Key; there will be "
    "one "
    "order.\"";
constexpr char kOtherOrder[] = R"({"order_details":[{"product_id":"a","price":"1.00","quantity":4}]})";

}  // namespace

TEST_GROUP(IdempotencyKey) {
  FakeShop shop;
  Router router{OrderResources({&shop.orders, &shop.products, &shop.checkout, "http://images"}), &shop.logger};

  void setup() override {
    shop.AddProduct("a", 5);
  }

  std::string Post(const char* body, const char* key, const char* client = "") {
    const HttpResponse response = Ask(router, "POST", "/orders", body, {{"idempotency-key", key}}, client);
    return response.status == 200 ? response.body : Summary(response);
  }

  // Checks that the next request is answered 503 with `message` if its call number `call` fails, and that it takes
  // nothing.
  void CheckFailure(size_t call, const Status& failure, const char* message) {
    shop.calls.Fail(call, failure);
    const HttpResponse response = Ask(router, "POST", "/orders", kOrder, {{"idempotency-key", "key"}});
    CHECK_EQUAL(503, response.status);
    STRCMP_CONTAINS(message, response.body.c_str());
    CHECK(shop.locks.held.empty());
    CHECK_EQUAL(int64_t{5}, shop.InStock("a"));
    CHECK_EQUAL(size_t{0}, shop.stock.pending.size());
  }
};

TEST(IdempotencyKey, Is1To255VisibleAsciiCharacters) {
  for (const std::string& key : {std::string("a"), std::string("!~"), std::string(255, 'k')}) {
    CHECK_TEXT(IsIdempotencyKey(key), key.c_str());
  }
  for (const std::string& key : {std::string(""), std::string("a b"), std::string("a\tb"), std::string("a\x7F"),
                                 std::string("\xC3\xA4"), std::string(256, 'k')}) {
    CHECK_FALSE_TEXT(IsIdempotencyKey(key), key.c_str());
  }
}

TEST(IdempotencyKey, OneThatIsMalformedIsABadRequestAndCreatesNothing) {
  CHECK_EQUAL(std::string("400 BAD_REQUEST"), Post(kOrder, ""));
  CHECK_EQUAL(std::string("400 BAD_REQUEST"), Post(kOrder, "one, two"));
  CHECK_EQUAL(std::string(""), shop.calls.TakeMade());
}

TEST(IdempotencyKey, TheSameRequestGetsTheFirstAnswerAndCreatesNothing) {
  CHECK_EQUAL(std::string(R"({"id":1})"), Post(kOrder, "key"));
  CHECK_EQUAL(std::string("locks.Lock orders.FindKeyUse stock.Reserve orders.Create stock.StartConfirm locks.Unlock"),
              shop.calls.TakeMade());
  CHECK_EQUAL(std::string("idempotency key key"), shop.locks.last);
  Order deleted;
  CHECK_OK(shop.checkout.Delete(1, &deleted));
  shop.products.products.erase("a");
  shop.calls.TakeMade();
  CHECK_EQUAL(std::string(R"({"id":1})"), Post(kOrder, "key"));
  CHECK_EQUAL(std::string("locks.Lock orders.FindKeyUse locks.Unlock"), shop.calls.TakeMade());
}

TEST(IdempotencyKey, AnotherRequestIsRefused) {
  Post(kOrder, "key");
  CHECK_EQUAL(std::string("422 IDEMPOTENCY_KEY_REUSED"), Post(kOtherOrder, "key"));
  CHECK_EQUAL(std::string("422 IDEMPOTENCY_KEY_REUSED"), Post((std::string(kOrder) + " ").c_str(), "key"));
  CHECK_EQUAL(size_t{1}, shop.orders.orders.size());
}

TEST(IdempotencyKey, TheKeysOfOneClientAreApartFromThoseOfAnother) {
  CHECK_EQUAL(std::string(R"({"id":1})"), Post(kOrder, "key", "a"));
  CHECK_EQUAL(std::string("idempotency key a key"), shop.locks.last);
  CHECK_EQUAL(std::string(R"({"id":2})"), Post(kOtherOrder, "key", "b"));
  CHECK_EQUAL(std::string(R"({"id":3})"), Post(kOrder, "key"));
  CHECK_EQUAL(std::string(R"({"id":1})"), Post(kOrder, "key", "a"));
  CHECK_EQUAL(std::string("422 IDEMPOTENCY_KEY_REUSED"), Post(kOrder, "key", "b"));
}

TEST(IdempotencyKey, OneOfALongNameMayBeLongToo) {
  const std::string key(255, 'k'), client(64, 'c');
  CHECK_EQUAL(std::string(R"({"id":1})"), Post(kOrder, key.c_str(), client.c_str()));
  CHECK_EQUAL(std::string("400 BAD_REQUEST"), Post(kOrder, (key + "k").c_str(), client.c_str()));
}

TEST(IdempotencyKey, OneOfAnOrderThatWasNotCreatedIsFree) {
  shop.stock.lowest_stock = 0;
  CHECK_EQUAL(std::string("409 INSUFFICIENT_STOCK"),
              Post(R"({"order_details":[{"product_id":"a","price":1,"quantity":6}]})", "key"));
  CHECK_EQUAL(std::string("404 PRODUCT_NOT_FOUND"),
              Post(R"({"order_details":[{"product_id":"b","price":1,"quantity":1}]})", "key"));
  CHECK_EQUAL(std::string("400 VALIDATION_ERROR"), Post("{}", "key"));
  CHECK_EQUAL(std::string(R"({"id":1})"), Post(kOrder, "key"));
}

// The calls of a request: lock, find, reserve, record.
TEST(IdempotencyKey, OneThatWasUsedMeanwhileLeavesNothingReservedAndIsNotSaidToBeFree) {
  shop.calls.Before(4, [this] { shop.orders.keys["key"] = {kOrder, 7}; });
  const HttpResponse response = Ask(router, "POST", "/orders", kOrder, {{"idempotency-key", "key"}});
  CHECK_EQUAL(503, response.status);
  STRCMP_CONTAINS(kAtWork, response.body.c_str());
  CHECK_EQUAL(int64_t{5}, shop.InStock("a"));
  CHECK_EQUAL(size_t{0}, shop.stock.pending.size());
  CHECK_EQUAL(std::string(R"({"id":7})"), Post(kOrder, "key"));
}

TEST(IdempotencyKey, UntilItHasBeenLookedUpNobodyKnowsWhatAnEarlierRequestHasDone) {
  constexpr char kMayBe[] =
      "\"The order may have been created. Try again with the same Idempotency-Key: that finds the order or creates it, "
      "whichever is right.\"";
  CheckFailure(1, Status::Unavailable("gone"), kMayBe);
  CheckFailure(2, Status::Unavailable("gone"), kMayBe);
}

TEST(IdempotencyKey, OnceItHasBeenFoundUnusedItIsKnownThatNothingWasChanged) {
  CheckFailure(3, Status::Unavailable("gone"), "Nothing was changed");
  CheckFailure(4, Status::Unavailable("gone"), "Nothing was changed");
}

TEST(IdempotencyKey, OneThatAnotherRequestHoldsIsNotWaitedForEndlessly) {
  for (const size_t call : {size_t{1}, size_t{2}, size_t{4}}) CheckFailure(call, Status::Locked("held"), kAtWork);
}

}  // namespace shop
