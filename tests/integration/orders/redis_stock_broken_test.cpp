#include <string>
#include <vector>

#include "tests/support/checks.h"
#include "tests/support/movement_ids.h"
#include "tests/support/redis_server.h"
#include "workers/orders/redis_stock.h"
#include "workers/products/redis_product_store.h"

namespace shop {

// What happens to goods when keys hold something wrong: 10 each of a, b and c.
TEST_GROUP(RedisStockBroken) {
  RedisServer& redis = TestRedis();
  RedisConnection product_connection{redis.address(), RedisProductStore::Scripts(), std::chrono::seconds(5)};
  RedisConnection connection{redis.address(), RedisStock::Scripts(), std::chrono::seconds(5)};
  RedisProductStore products{&product_connection};
  RedisStock stock{&connection, StockPolicy::kBackorder, 1'000'000, int64_t{1} << 30};

  void setup() override {
    redis.FlushAll();
    for (const char* id : {"a", "b", "c"}) CHECK_OK(products.Put({id, "T", 1, 1, 10}));
  }

  std::string InStock(const std::string& id) {
    return redis.Execute({"HGET", "products:" + id, "in_stock"});
  }
  void SetEntry(const std::string& entry) {
    redis.Execute({"HSET", "stock:pending", kMovementId, entry});
  }
  std::string Entry() {
    return redis.Execute({"HGET", "stock:pending", kMovementId});
  }
  std::string Events() {
    return redis.Execute({"XLEN", "orders:events"});
  }
};

TEST(RedisStockBroken, AProductOfAnotherTypeKeepsNoOtherGoodsFromComingBack) {
  for (const bool is_confirm : {true, false}) {
    setup();
    const StockMovement movement{kMovementId, {{"a", 3}, {"b", 3}, {"c", 3}}, {{"a", 1}, {"b", 1}, {"c", 1}}};
    CHECK_OK(stock.Reserve(movement));
    redis.Execute({"SET", "products:b", "x"});
    CHECK_OK(is_confirm ? stock.Confirm(movement, OrderEvent::kUpdated, 1) : stock.Release(movement));
    CHECK_EQUAL(std::string(is_confirm ? "8" : "10"), InStock("a"));
    CHECK_EQUAL(std::string(is_confirm ? "8" : "10"), InStock("c"));
    CHECK_EQUAL(std::string("x"), redis.Execute({"GET", "products:b"}));
    CHECK_EQUAL(std::string("(nil)"), Entry());
    CHECK_EQUAL(std::string(is_confirm ? "1" : "0"), Events());
  }
}

TEST(RedisStockBroken, AProductOfAnotherTypeIsNone) {
  redis.Execute({"SET", "products:b", "x"});
  const Status status = stock.Reserve({kMovementId, {{"a", 3}, {"b", 3}}, {}});
  CHECK_STATUS(StatusCode::kNotFound, status);
  CHECK_EQUAL(std::string("Product Id b"), status.message());
  CHECK_EQUAL(std::string("10"), InStock("a"));
}

TEST(RedisStockBroken, AMovementThatCannotBePendingTakesNothing) {
  redis.Execute({"SET", "stock:pending", "x"});
  const StockMovement movement{kMovementId, {{"a", 3}, {"b", 3}}, {}};
  CHECK_STATUS(StatusCode::kUnexpected, stock.Reserve(movement));
  CHECK_STATUS(StatusCode::kUnexpected, stock.Reserve({kMovementId, {}, {{"a", 3}}}));
  CHECK_EQUAL(std::string("10"), InStock("a"));
  CHECK_EQUAL(std::string("10"), InStock("b"));
  CHECK_STATUS(StatusCode::kUnexpected, stock.Confirm(movement, OrderEvent::kCreated, 1));
  CHECK_STATUS(StatusCode::kUnexpected, stock.Release(movement));
  CHECK_EQUAL(std::string("0"), Events());
}

TEST(RedisStockBroken, AnEventThatCannotBeAppendedLeavesTheMovementAsItWas) {
  const StockMovement movement{kMovementId, {{"a", 3}}, {{"b", 3}}};
  CHECK_OK(stock.Reserve(movement));
  redis.Execute({"SET", "orders:events", "x"});
  const std::string entry = Entry();
  CHECK_STATUS(StatusCode::kUnexpected, stock.Confirm(movement, OrderEvent::kUpdated, 1));
  CHECK_EQUAL(std::string("10"), InStock("b"));
  CHECK_EQUAL(entry, Entry());
  redis.Execute({"DEL", "orders:events"});
  CHECK_OK(stock.Confirm(movement, OrderEvent::kUpdated, 1));
  CHECK_EQUAL(std::string("13"), InStock("b"));
  CHECK_EQUAL(std::string("(nil)"), Entry());
  CHECK_EQUAL(std::string("1"), Events());
}

// The entry is as an earlier version wrote it.
TEST(RedisStockBroken, AMovementOfAnEarlierVersionIsFinished) {
  OverdueMovements overdue;
  for (const bool is_confirm : {true, false}) {
    SetEntry(R"({"give_back":[["b",2]],"time":1795633823180,"take":[["a",3]]})");
    CHECK_OK(stock.FindOverdue(std::chrono::seconds(0), &overdue));
    const StockMovement& movement = overdue.movements.at(0);
    CHECK_OK(is_confirm ? stock.Confirm(movement, OrderEvent::kUpdated, 1) : stock.Release(movement));
    CHECK_EQUAL(std::string("(nil)"), Entry());
    CHECK_EQUAL(std::string("12"), InStock("b"));
    CHECK_EQUAL(std::string(is_confirm ? "10" : "13"), InStock("a"));
  }
  STRCMP_CONTAINS(R"(take [["a",3]] give_back [["b",2]])",
                  redis.Execute({"XRANGE", "orders:events", "-", "+"}).c_str());
}

TEST(RedisStockBroken, AnIndexOfAnotherTypeKeepsProductsAsTheyAre) {
  redis.Execute({"SET", "product_index", "x"});
  CHECK_STATUS(StatusCode::kUnexpected, products.Put({"new", "T", 1, 1, 10}));
  CHECK_EQUAL(std::string("0"), redis.Execute({"EXISTS", "products:new"}));
  CHECK_STATUS(StatusCode::kUnexpected, products.Put({"a", "U", 1, 1, 11}));
  CHECK_STATUS(StatusCode::kUnexpected, products.Delete("a"));
  CHECK_EQUAL(std::string("T 10"), redis.Execute({"HMGET", "products:a", "title", "in_stock"}));
}

TEST(RedisStockBroken, AProductOfAnotherTypeIsNotFoundAndNotReplaced) {
  redis.Execute({"SET", "products:b", "x"});
  Product product;
  CHECK_STATUS(StatusCode::kNotFound, products.Get("b", &product));
  CHECK_STATUS(StatusCode::kNotFound, products.Update("b", {}, &product));
  CHECK_STATUS(StatusCode::kNotFound, products.Delete("b"));
  CHECK_STATUS(StatusCode::kUnexpected, products.Put({"b", "T", 1, 1, 10}));
  redis.Execute({"SET", "products:new", "x"});
  CHECK_STATUS(StatusCode::kUnexpected, products.Put({"new", "T", 1, 1, 10}));
  CHECK_EQUAL(std::string("a b c"), redis.Execute({"ZRANGE", "product_index", "0", "-1"}));
  std::vector<std::optional<Product>> many;
  const std::string ids[] = {"a", "b", "c"};
  CHECK_OK(products.GetMany(ids, &many));
  CHECK(many[0] && !many[1] && many[2]);
  Page<Product> listed;
  CHECK_OK(products.List({}, 10, &listed));
  CHECK_EQUAL(size_t{2}, listed.items.size());
  size_t indexed = 0;
  size_t skipped = 0;
  CHECK_OK(products.BuildIndex(&indexed, &skipped));
  CHECK_EQUAL(size_t{2}, indexed);
  CHECK_EQUAL(size_t{2}, skipped);
  CHECK_EQUAL(std::string("x"), redis.Execute({"GET", "products:b"}));
}

}  // namespace shop
