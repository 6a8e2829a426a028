#include "workers/orders/redis_stock.h"

#include <cstdlib>

#include "tests/support/checks.h"
#include "tests/support/movement_ids.h"
#include "tests/support/redis_server.h"
#include "workers/common/uuid.h"
#include "workers/products/redis_product_store.h"

namespace shop {

// 10 of a and 10 of b.
TEST_GROUP(RedisStock) {
  RedisServer& redis = TestRedis();
  RedisConnection product_connection{redis.address(), RedisProductStore::Scripts(), std::chrono::seconds(5)};
  RedisConnection connection{redis.address(), RedisStock::Scripts(), std::chrono::seconds(5)};
  RedisProductStore products{&product_connection};
  RedisStock stock{&connection, StockPolicy::kBackorder, 1'000'000, int64_t{1} << 30};
  const StockMovement movement{kMovementId, {{"a", 3}}, {{"b", 2}}};
  const StockMovement nothing{kMovementId, {}, {}};

  void setup() override {
    redis.FlushAll();
    for (const char* id : {"a", "b"}) CHECK_OK(products.Put({id, "T", 1, 1, 10}));
  }
  void teardown() override {
    redis.Start();
  }

  std::string InStock(const std::string& id) {
    return redis.Execute({"HGET", "products:" + id, "in_stock"});
  }
  std::string PendingCount() {
    return redis.Execute({"HLEN", "stock:pending"});
  }
  // The field names and values of the last event.
  std::string LastEvent() {
    const std::string event = redis.Execute({"XREVRANGE", "orders:events", "+", "-", "COUNT", "1"});
    return event.substr(event.find(' ') + 1);
  }
};

TEST(RedisStock, AnEntrySaysWhatIsToMoveAndSinceWhen) {
  const std::string before = redis.Execute({"TIME"});
  CHECK_OK(stock.Reserve(movement));
  const std::string entry = redis.Execute({"HGET", "stock:pending", kMovementId});
  STRCMP_CONTAINS(R"("take":[["a",3]])", entry.c_str());
  STRCMP_CONTAINS(R"("give_back":[["b",2]])", entry.c_str());
  const int64_t milliseconds = std::strtoll(entry.substr(entry.find("\"time\":") + 7).c_str(), nullptr, 10);
  CHECK(milliseconds / 1000 >= std::stoll(before) && milliseconds / 1000 <= std::stoll(redis.Execute({"TIME"})));
}

TEST(RedisStock, AnEventSaysWhatHasMoved) {
  CHECK_OK(stock.Reserve(movement));
  CHECK_OK(stock.Confirm(movement, OrderEvent::kUpdated, 9223372036854775807));
  CHECK_EQUAL(std::string("event order_updated order_id 9223372036854775807 movement_id ") + kMovementId +
                  R"( take [["a",3]] give_back [["b",2]])",
              LastEvent());
  CHECK_OK(stock.Reserve(nothing));
  CHECK_OK(stock.Confirm(nothing, OrderEvent::kDeleted, 7));
  CHECK_EQUAL(std::string("event order_deleted order_id 7 movement_id ") + kMovementId + " take [] give_back []",
              LastEvent());
}

TEST(RedisStock, AStockThatIsNoIntegerOfRedisIsNoProductAndNothingIsTaken) {
  redis.Execute({"HSET", "products:broken", "in_stock", "5"});
  CHECK_STATUS(StatusCode::kNotFound, stock.Reserve({kMovementId, {{"a", 3}, {"broken", 1}}, {}}));
  for (const char* in_stock : {"007", "-0", "1.5", "100000000000000000000", "9223372036854775808"}) {
    redis.Execute({"HSET", "products:b", "in_stock", in_stock});
    CHECK_EQUAL_TEXT(StatusCode::kNotFound, stock.Reserve({kMovementId, {{"a", 3}, {"b", 2}}, {}}).code(), in_stock);
    CHECK_EQUAL_TEXT(std::string("10"), InStock("a"), in_stock);
    CHECK_EQUAL_TEXT(std::string(in_stock), InStock("b"), in_stock);
    CHECK_EQUAL_TEXT(std::string("0"), PendingCount(), in_stock);
  }
}

TEST(RedisStock, NoPartOfAProductThatIsGoneComesBack) {
  for (const bool is_confirm : {true, false}) {
    setup();
    const StockMovement both_ways{kMovementId, {{"a", 3}}, {{"a", 2}}};
    CHECK_OK(stock.Reserve(both_ways));
    CHECK_OK(products.Delete("a"));
    CHECK_OK(is_confirm ? stock.Confirm(both_ways, OrderEvent::kUpdated, 1) : stock.Release(both_ways));
    CHECK_EQUAL(std::string("0"), redis.Execute({"EXISTS", "products:a"}));
  }
}

TEST(RedisStock, EveryCallIsUnavailableWhileRedisIsAwayAndWorksAgainLater) {
  CHECK_OK(stock.Reserve(movement));
  redis.Stop();
  CHECK_STATUS(StatusCode::kUnavailable, stock.Reserve(movement));
  CHECK_STATUS(StatusCode::kUnavailable, stock.Confirm(movement, OrderEvent::kCreated, 1));
  CHECK_STATUS(StatusCode::kUnavailable, stock.StartConfirm(movement, OrderEvent::kCreated, 1));
  CHECK_STATUS(StatusCode::kUnavailable, stock.Release(movement));
  redis.Start();
  CHECK_OK(stock.Release(movement));
  CHECK_EQUAL(std::string("10"), InStock("a"));
}

TEST(RedisStock, EachOfManyOverdueMovementsIsFoundOnce) {
  for (int i = 0; i < 1000; ++i) {
    redis.Execute({"HSET", "stock:pending", NewUuid(), R"({"time":1,"take":{},"give_back":{}})"});
  }
  OverdueMovements overdue;
  CHECK_OK(stock.FindOverdue(std::chrono::seconds(1), &overdue));
  CHECK_EQUAL(size_t{1000}, overdue.movements.size());
  CHECK(overdue.broken.empty());
}

TEST(RedisStock, FieldsThatAreNoMovementsAreToldFromThoseThatAre) {
  const std::string overdue_entry = R"({"time":1,"take":{},"give_back":{}})";
  std::vector<std::string> ids;
  for (const char* digit : {"1", "2", "3", "4"})
    ids.push_back(std::string("019a0000-0000-7000-8000-00000000000") + digit);
  redis.Execute({"HSET", "stock:pending", ids[0], "no JSON", ids[1], "{}", ids[2], R"({"time":"x"})"});
  redis.Execute({"HSET", "stock:pending", ids[3], overdue_entry, "no UUID", overdue_entry, "", overdue_entry});
  OverdueMovements overdue;
  CHECK_OK(stock.FindOverdue(std::chrono::seconds(1), &overdue));
  CHECK_EQUAL(size_t{1}, overdue.movements.size());
  CHECK_EQUAL(ids[3], overdue.movements[0].id);
  CHECK((std::vector<std::string>{"", ids[0], ids[1], ids[2], "no UUID"}) == overdue.broken);
}

TEST(RedisStock, APendingKeyOfAnotherTypeIsADefect) {
  redis.Execute({"SET", "stock:pending", "x"});
  OverdueMovements overdue;
  CHECK_STATUS(StatusCode::kUnexpected, stock.FindOverdue(std::chrono::seconds(1), &overdue));
}

}  // namespace shop
