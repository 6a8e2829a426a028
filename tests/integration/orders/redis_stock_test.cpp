#include "workers/orders/redis_stock.h"

#include <cstdlib>

#include "tests/support/checks.h"
#include "tests/support/redis_server.h"
#include "workers/common/uuid.h"
#include "workers/products/redis_product_store.h"

namespace shop {
namespace {

constexpr char kId[] = "019a0000-0000-7000-8000-000000000001";
constexpr int64_t kMaxEvents = 1'000'000;
constexpr int64_t kMaxBytes = int64_t{1} << 30;

}  // namespace

// 10 of a and 10 of b.
TEST_GROUP(RedisStock) {
  RedisServer& redis = TestRedis();
  RedisConnection product_connection{redis.address(), RedisProductStore::Scripts(), std::chrono::seconds(5)};
  RedisConnection connection{redis.address(), RedisStock::Scripts(), std::chrono::seconds(5)};
  RedisProductStore products{&product_connection};
  RedisStock stock{&connection, StockPolicy::kBackorder, kMaxEvents, kMaxBytes};
  RedisStock rejecting_stock{&connection, StockPolicy::kReject, kMaxEvents, kMaxBytes};

  void setup() override {
    redis.FlushAll();
    Put("a", 10);
    Put("b", 10);
  }
  void teardown() override {
    redis.Start();
  }

  void Put(const std::string& id, int64_t in_stock) {
    CHECK_OK(products.Put({id, "T", 1, 1, in_stock}));
  }
  std::string InStock(const std::string& id) {
    return redis.Execute({"HGET", "products:" + id, "in_stock"});
  }
  std::string Notes() {
    return redis.Execute({"HLEN", "stock:pending"});
  }
  std::string Events() {
    return redis.Execute({"XLEN", "orders:events"});
  }

  void CheckUntouched() {
    CHECK_EQUAL(std::string("10"), InStock("a"));
    CHECK_EQUAL(std::string("10"), InStock("b"));
    CHECK_EQUAL(std::string("0"), Notes());
  }
  void CheckFirstMissing(const Status& status, const std::string& id) {
    CHECK_STATUS(StatusCode::kNotFound, status);
    CHECK_EQUAL(std::string_view("PRODUCT_NOT_FOUND"), status.reason());
    CHECK_EQUAL("Product Id " + id, status.message());
  }
  void CheckInsufficient(const Status& status, const std::string& id) {
    CHECK_STATUS(StatusCode::kConflict, status);
    CHECK_EQUAL(std::string_view("INSUFFICIENT_STOCK"), status.reason());
    CHECK_EQUAL("Product Id " + id + " has not enough in stock", status.message());
  }
};

TEST(RedisStock, ReserveTakesTheGoodsAndNotesTheMovement) {
  const std::string before = redis.Execute({"TIME"});
  CHECK_OK(stock.Reserve({kId, {{"a", 3}}, {{"b", 2}}}));
  CHECK_EQUAL(std::string("7"), InStock("a"));
  CHECK_EQUAL(std::string("10"), InStock("b"));
  const std::string note = redis.Execute({"HGET", "stock:pending", kId});
  STRCMP_CONTAINS(R"("take":[["a",3]])", note.c_str());
  STRCMP_CONTAINS(R"("give_back":[["b",2]])", note.c_str());
  const int64_t milliseconds = std::strtoll(note.substr(note.find("\"time\":") + 7).c_str(), nullptr, 10);
  CHECK(milliseconds / 1000 >= std::stoll(before) && milliseconds / 1000 <= std::stoll(redis.Execute({"TIME"})));
  CHECK_EQUAL(std::string("0"), Events());
}

TEST(RedisStock, ConfirmGivesBackAndTellsAndRemovesTheNote) {
  CHECK_OK(stock.Reserve({kId, {{"a", 3}}, {{"b", 2}}}));
  CHECK_OK(stock.Confirm(kId, OrderEvent::kUpdated, 9223372036854775807));
  CHECK_EQUAL(std::string("7"), InStock("a"));
  CHECK_EQUAL(std::string("12"), InStock("b"));
  CHECK_EQUAL(std::string("0"), Notes());
  const std::string events = redis.Execute({"XRANGE", "orders:events", "-", "+"});
  CHECK(events.ends_with(std::string(" event order_updated order_id 9223372036854775807 movement_id ") + kId +
                         R"( take [["a",3]] give_back [["b",2]])"));
}

TEST(RedisStock, AStartedConfirmDoesTheSame) {
  CHECK_OK(stock.Reserve({kId, {{"a", 3}}, {{"b", 2}}}));
  CHECK_OK(stock.StartConfirm(kId, OrderEvent::kCreated, 7));
  CHECK_OK(stock.Release(kId));  // On the same connection, so after it: too late to undo anything.
  CHECK_EQUAL(std::string("7"), InStock("a"));
  CHECK_EQUAL(std::string("12"), InStock("b"));
  CHECK_EQUAL(std::string("0"), Notes());
  CHECK_EQUAL(std::string("1"), Events());
  const std::string events = redis.Execute({"XRANGE", "orders:events", "-", "+"});
  STRCMP_CONTAINS(" event order_created order_id 7 ", events.c_str());
}

TEST(RedisStock, EachEventHasItsName) {
  struct Case {
    OrderEvent event;
    const char* name;
  };
  for (const Case& c : {Case{OrderEvent::kCreated, "order_created"},
                        {OrderEvent::kUpdated, "order_updated"},
                        {OrderEvent::kDeleted, "order_deleted"}}) {
    CHECK_OK(stock.Reserve({kId, {}, {}}));
    CHECK_OK(stock.Confirm(kId, c.event, 7));
    const std::string last = redis.Execute({"XREVRANGE", "orders:events", "+", "-", "COUNT", "1"});
    CHECK_TEXT(
        last.ends_with(std::string(" event ") + c.name + " order_id 7 movement_id " + kId + " take [] give_back []"),
        last.c_str());
  }
}

TEST(RedisStock, ReleaseGivesBackWhatWasTakenAndTellsNobody) {
  CHECK_OK(stock.Reserve({kId, {{"a", 3}}, {{"b", 2}}}));
  CHECK_OK(stock.Release(kId));
  CheckUntouched();
  CHECK_EQUAL(std::string("0"), Events());
}

TEST(RedisStock, AMovementIsSettledOnceHoweverOften) {
  const auto confirm = [this] { return stock.Confirm(kId, OrderEvent::kCreated, 1); };
  const auto release = [this] { return stock.Release(kId); };
  CHECK_OK(stock.Reserve({kId, {{"a", 3}}, {{"b", 2}}}));
  CHECK_OK(confirm());
  for (int i = 0; i < 2; ++i) {
    CHECK_OK(confirm());
    CHECK_OK(release());
    CHECK_EQUAL(std::string("7"), InStock("a"));
    CHECK_EQUAL(std::string("12"), InStock("b"));
    CHECK_EQUAL(std::string("1"), Events());
  }
  CHECK_OK(stock.Reserve({kId, {{"a", 3}}, {{"b", 2}}}));
  CHECK_OK(release());
  for (int i = 0; i < 2; ++i) {
    CHECK_OK(release());
    CHECK_OK(confirm());
    CHECK_EQUAL(std::string("7"), InStock("a"));
    CHECK_EQUAL(std::string("12"), InStock("b"));
    CHECK_EQUAL(std::string("1"), Events());
  }
}

TEST(RedisStock, SettlingAMovementThatIsNotNotedDoesNothing) {
  CHECK_OK(stock.Confirm(kId, OrderEvent::kCreated, 1));
  CHECK_OK(stock.Release(kId));
  CheckUntouched();
  CHECK_EQUAL(std::string("0"), Events());
}

TEST(RedisStock, SettlingAMovementLeavesTheOthersAlone) {
  const std::string other = "019a0000-0000-7000-8000-000000000002";
  CHECK_OK(stock.Reserve({kId, {{"a", 3}}, {}}));
  CHECK_OK(stock.Reserve({other, {{"a", 4}}, {}}));
  CHECK_OK(stock.Release(kId));
  CHECK_EQUAL(std::string("6"), InStock("a"));
  CHECK_EQUAL(other, redis.Execute({"HKEYS", "stock:pending"}));
}

TEST(RedisStock, TheFirstProductThatDoesNotExistIsNamedAndNothingIsTaken) {
  redis.Execute({"HSET", "products:broken", "in_stock", "5"});
  CheckFirstMissing(stock.Reserve({kId, {{"a", 3}, {"y", 1}, {"x", 1}, {"b", 2}}, {}}), "y");
  CheckFirstMissing(stock.Reserve({kId, {{"a", 3}, {"broken", 1}, {"y", 1}}, {}}), "broken");
  CheckFirstMissing(rejecting_stock.Reserve({kId, {{"a", 11}, {"y", 1}}, {}}), "y");
  CheckUntouched();
  CHECK_EQUAL(std::string("in_stock 5"), redis.Execute({"HGETALL", "products:broken"}));
}

TEST(RedisStock, AStockThatRedisCannotReckonWithIsNoProductAndNothingIsTaken) {
  for (const char* in_stock : {"007", "-0", "1.5", "100000000000000000000", "9223372036854775808"}) {
    redis.Execute({"HSET", "products:b", "in_stock", in_stock});
    CheckFirstMissing(stock.Reserve({kId, {{"a", 3}, {"b", 2}}, {}}), "b");
    CHECK_EQUAL_TEXT(std::string("10"), InStock("a"), in_stock);
    CHECK_EQUAL_TEXT(std::string(in_stock), InStock("b"), in_stock);
    CHECK_EQUAL_TEXT(std::string("0"), Notes(), in_stock);
  }
}

TEST(RedisStock, WhatIsGivenBackNeedsNoProduct) {
  CHECK_OK(rejecting_stock.Reserve({kId, {{"a", 3}}, {{"y", 1}}}));
  CHECK_OK(stock.Confirm(kId, OrderEvent::kUpdated, 1));
  CHECK_EQUAL(std::string("0"), redis.Execute({"EXISTS", "products:y"}));
  CHECK_EQUAL(std::string("1"), Events());
}

TEST(RedisStock, BackorderLetsAStockFallBelowZero) {
  CHECK_OK(stock.Reserve({kId, {{"a", 11}}, {}}));
  CHECK_EQUAL(std::string("-1"), InStock("a"));
}

TEST(RedisStock, RejectLetsAStockFallToZeroAndTakesNothingBeyond) {
  CheckInsufficient(rejecting_stock.Reserve({kId, {{"a", 3}, {"b", 11}}, {{"a", 100}}}), "b");
  CheckUntouched();
  CHECK_OK(rejecting_stock.Reserve({kId, {{"a", 10}}, {}}));
  CHECK_EQUAL(std::string("0"), InStock("a"));
  CheckInsufficient(rejecting_stock.Reserve({kId, {{"a", 1}}, {}}), "a");
}

TEST(RedisStock, BackorderStopsWhereALuaNumberIsNoLongerExact) {
  Put("a", -9007199254740991 + 5);
  CheckInsufficient(stock.Reserve({kId, {{"a", 6}}, {}}), "a");
  CHECK_EQUAL(std::string("-9007199254740986"), InStock("a"));
  CHECK_OK(stock.Reserve({kId, {{"a", 5}}, {}}));
  CHECK_EQUAL(std::string("-9007199254740991"), InStock("a"));
  CheckInsufficient(stock.Reserve({kId, {{"a", 1}}, {}}), "a");
  Put("a", -9007199254740991 - 5);
  CheckInsufficient(stock.Reserve({kId, {{"a", 1}}, {}}), "a");
}

TEST(RedisStock, TheLargestQuantitiesOfAnOrderAreExact) {
  constexpr int64_t kMost = int64_t{100} * 2147483647;
  Put("a", 2147483647);
  CHECK_OK(stock.Reserve({kId, {{"a", kMost}}, {{"b", kMost}}}));
  CHECK_EQUAL(std::to_string(2147483647 - kMost), InStock("a"));
  CHECK_OK(stock.Confirm(kId, OrderEvent::kUpdated, 1));
  CHECK_EQUAL(std::to_string(10 + kMost), InStock("b"));
  CHECK_OK(stock.Reserve({kId, {{"b", kMost}}, {}}));
  CHECK_OK(stock.Release(kId));
  CHECK_EQUAL(std::to_string(10 + kMost), InStock("b"));
}

TEST(RedisStock, AProductDeletedMeanwhileStaysDeleted) {
  for (const bool is_confirm : {true, false}) {
    Put("a", 10);
    Put("b", 10);
    CHECK_OK(stock.Reserve({kId, {{"a", 3}, {"b", 1}}, {{"a", 2}, {"b", 2}}}));
    CHECK_OK(products.Delete("a"));
    CHECK_OK(is_confirm ? stock.Confirm(kId, OrderEvent::kUpdated, 1) : stock.Release(kId));
    CHECK_EQUAL(std::string("0"), redis.Execute({"EXISTS", "products:a"}));
    CHECK_EQUAL(std::string(is_confirm ? "11" : "10"), InStock("b"));
    CHECK_EQUAL(std::string("0"), Notes());
  }
}

TEST(RedisStock, WhatComesBackGoesToTheProductThatHasTheIdThen) {
  CHECK_OK(stock.Reserve({kId, {{"a", 3}}, {}}));
  CHECK_OK(products.Delete("a"));
  Put("a", 100);
  CHECK_OK(stock.Release(kId));
  CHECK_EQUAL(std::string("103"), InStock("a"));
}

TEST(RedisStock, IdsOfWhateverBytesAreTakenAndGivenBack) {
  const std::string id = "a \"b\"\\/{}[]%\xC3\xA9\xF0\x9F\x9A\x80";
  Put(id, 10);
  CHECK_OK(stock.Reserve({kId, {{id, 3}}, {}}));
  CHECK_EQUAL(std::string("7"), InStock(id));
  CHECK_OK(stock.Release(kId));
  CHECK_EQUAL(std::string("10"), InStock(id));
  CheckFirstMissing(stock.Reserve({kId, {{id + "?", 3}}, {}}), id + "?");
}

TEST(RedisStock, AMovementMayTakeAndGiveBackAHundredProducts) {
  StockMovement movement{kId, {}, {}};
  for (int i = 0; i < 100; ++i) {
    Put("p" + std::to_string(i), i);
    movement.take.push_back({"p" + std::to_string(i), 1});
  }
  CHECK_OK(stock.Reserve(movement));
  CHECK_EQUAL(std::string("98"), InStock("p99"));
  CHECK_OK(stock.Release(kId));
  CHECK_EQUAL(std::string("99"), InStock("p99"));
}

TEST(RedisStock, EveryCallIsUnavailableWhileRedisIsAwayAndWorksAgainLater) {
  CHECK_OK(stock.Reserve({kId, {{"a", 3}}, {}}));
  redis.Stop();
  CHECK_STATUS(StatusCode::kUnavailable, stock.Reserve({kId, {{"a", 3}}, {}}));
  CHECK_STATUS(StatusCode::kUnavailable, stock.Confirm(kId, OrderEvent::kCreated, 1));
  CHECK_STATUS(StatusCode::kUnavailable, stock.StartConfirm(kId, OrderEvent::kCreated, 1));
  CHECK_STATUS(StatusCode::kUnavailable, stock.Release(kId));
  redis.Start();
  CHECK_OK(stock.Release(kId));
  CheckUntouched();
}

TEST(RedisStock, OverdueIsWhatWasNotedLongerAgoThanTheAge) {
  OverdueMovements overdue;
  CHECK_OK(stock.FindOverdue(std::chrono::seconds(0), &overdue));
  CHECK(overdue.ids.empty());
  CHECK_OK(stock.Reserve({kId, {{"a", 1}}, {}}));
  CHECK_OK(stock.FindOverdue(std::chrono::hours(1), &overdue));
  CHECK(overdue.ids.empty());
  // By the store's clock, which is one millisecond ahead at the latest in the next round trip but some.
  CHECK_OK(stock.FindOverdue(std::chrono::milliseconds(-1), &overdue));
  CHECK_EQUAL(size_t{1}, overdue.ids.size());
  CHECK_EQUAL(std::string(kId), overdue.ids[0]);
}

TEST(RedisStock, OverdueIsFoundAmongManyNotesEachOnce) {
  for (int i = 0; i < 1000; ++i) {
    redis.Execute({"HSET", "stock:pending", NewUuid(), R"({"time":1,"take":{},"give_back":{}})"});
  }
  OverdueMovements overdue;
  CHECK_OK(stock.FindOverdue(std::chrono::seconds(1), &overdue));
  CHECK_EQUAL(size_t{1000}, overdue.ids.size());
  CHECK(overdue.broken.empty());
}

TEST(RedisStock, FieldsThatAreNoMovementsAreToldFromThoseThatAre) {
  const std::string overdue_note = R"({"time":1,"take":{},"give_back":{}})";
  std::vector<std::string> ids;
  for (const char* digit : {"1", "2", "3", "4"})
    ids.push_back(std::string("019a0000-0000-7000-8000-00000000000") + digit);
  redis.Execute({"HSET", "stock:pending", ids[0], "no JSON", ids[1], "{}", ids[2], R"({"time":"x"})"});
  redis.Execute({"HSET", "stock:pending", ids[3], overdue_note, "no UUID", overdue_note, "", overdue_note});
  OverdueMovements overdue;
  CHECK_OK(stock.FindOverdue(std::chrono::seconds(1), &overdue));
  CHECK_EQUAL(size_t{1}, overdue.ids.size());
  CHECK_EQUAL(ids[3], overdue.ids[0]);
  CHECK((std::vector<std::string>{"", ids[0], ids[1], ids[2], "no UUID"}) == overdue.broken);
}

TEST(RedisStock, APendingKeyOfAnotherTypeIsADefect) {
  redis.Execute({"SET", "stock:pending", "x"});
  OverdueMovements overdue;
  CHECK_STATUS(StatusCode::kUnexpected, stock.FindOverdue(std::chrono::seconds(1), &overdue));
}

}  // namespace shop
