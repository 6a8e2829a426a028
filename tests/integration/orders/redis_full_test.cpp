#include <string>

#include "tests/support/checks.h"
#include "tests/support/movement_ids.h"
#include "tests/support/redis_server.h"
#include "workers/orders/redis_stock.h"
#include "workers/products/redis_product_store.h"

namespace shop {
namespace {

constexpr int64_t kSmallStreamBytes = int64_t{1} << 20;

}  // namespace

// A Redis whose memory is full, with 10 each of a and b.
TEST_GROUP(RedisFull) {
  RedisServer& redis = TestRedis();
  RedisConnection product_connection{redis.address(), RedisProductStore::Scripts(), std::chrono::seconds(5)};
  RedisConnection connection{redis.address(), RedisStock::Scripts(), std::chrono::seconds(5)};
  RedisProductStore products{&product_connection};
  RedisStock stock{&connection, StockPolicy::kBackorder, 1'000'000, kSmallStreamBytes};
  Product product;

  void setup() override {
    redis.FlushAll();
    for (const char* id : {"a", "b"}) CHECK_OK(products.Put({id, "T", 1, 1, 10}));
  }
  void teardown() override {
    redis.Execute({"CONFIG", "SET", "maxmemory", "0"});
  }

  void Fill() {
    redis.Execute({"CONFIG", "SET", "maxmemory", "1"});
  }
  std::string InStock(const std::string& id) {
    return redis.Execute({"HGET", "products:" + id, "in_stock"});
  }
  void CheckReadOnly(const Status& status) {
    CHECK_STATUS(StatusCode::kUnavailable, status);
    CHECK_TRUE(status.is_read_only());
    STRCMP_CONTAINS("OOM", status.detail().c_str());
  }
};

TEST(RedisFull, WhatNeedsMemoryIsRefusedAndChangesNothing) {
  Fill();
  CheckReadOnly(products.Put({"new", "T", 1, 1, 10}));
  ProductUpdate update;
  update.in_stock = 5;
  CheckReadOnly(products.Update("a", update, &product));
  CheckReadOnly(stock.Reserve({kMovementId, {{"a", 3}}, {}}));
  CheckReadOnly(stock.Ping());
  CheckReadOnly(products.Ping());
  CHECK_EQUAL(std::string("10"), InStock("a"));
  CHECK_EQUAL(std::string("0"), redis.Execute({"EXISTS", "products:new", "stock:pending", "orders:events"}));
}

TEST(RedisFull, ReadsWork) {
  Fill();
  CHECK_OK(products.Get("a", &product));
  Page<Product> page;
  CHECK_OK(products.List({}, 10, &page));
  CHECK_EQUAL(size_t{2}, page.items.size());
  OverdueMovements overdue;
  CHECK_OK(stock.FindOverdue(std::chrono::seconds(1), &overdue));
}

TEST(RedisFull, WhatFreesMemoryWorks) {
  Fill();
  const StockMovement movement{kMovementId, {}, {{"a", 3}}};
  CHECK_OK(stock.Reserve(movement));
  CHECK_OK(stock.Confirm(movement, OrderEvent::kDeleted, 1));
  CHECK_EQUAL(std::string("13"), InStock("a"));
  CHECK_EQUAL(std::string("1"), redis.Execute({"XLEN", "orders:events"}));
  CHECK_OK(products.Delete("b"));
  CHECK_EQUAL(std::string("0"), redis.Execute({"EXISTS", "products:b"}));
}

TEST(RedisFull, WhatIsUnderWayIsFinished) {
  for (const bool is_confirm : {true, false}) {
    CHECK_OK(products.Put({"a", "T", 1, 1, 10}));
    const StockMovement movement{kMovementId, {{"a", 3}}, {}};
    CHECK_OK(stock.Reserve(movement));
    Fill();
    CHECK_OK(is_confirm ? stock.Confirm(movement, OrderEvent::kCreated, 1) : stock.Release(movement));
    CHECK_EQUAL(std::string(is_confirm ? "7" : "10"), InStock("a"));
    CHECK_EQUAL(std::string("0"), redis.Execute({"EXISTS", "stock:pending"}));
    teardown();
    CHECK_OK(stock.Ping());
  }
}

TEST(RedisFull, AReplicaIsReadOnly) {
  redis.Execute({"REPLICAOF", "127.0.0.1", "1"});
  const Status ping = stock.Ping();
  const Status read = products.Get("a", &product);
  redis.Execute({"REPLICAOF", "NO", "ONE"});
  CHECK_STATUS(StatusCode::kUnavailable, ping);
  CHECK(ping.is_read_only());
  CHECK_OK(read);
}

TEST(RedisFull, TheEventsMayHaveHalfOfTheMemory) {
  std::string error;
  CHECK_OK(stock.CheckMemory(&error));
  CHECK_EQUAL(std::string(), error);
  redis.Execute({"CONFIG", "SET", "maxmemory", "2097152"});
  CHECK_OK(stock.CheckMemory(&error));
  CHECK_EQUAL(std::string(), error);
  redis.Execute({"CONFIG", "SET", "maxmemory", "2097150"});
  CHECK_OK(stock.CheckMemory(&error));
  CHECK_EQUAL(
      std::string("EVENTS_MAX_BYTES must be at most half of the maxmemory of Redis, 1048575, as the rest is for "
                  "the products, not '1048576'"),
      error);
}

}  // namespace shop
