// The index of the products: paging by it, and building it.

#include <chrono>

#include "tests/support/checks.h"
#include "tests/support/redis_server.h"
#include "workers/products/redis_product_store.h"

namespace shop {

TEST_GROUP(RedisProductList) {
  RedisServer& redis = TestRedis();
  RedisConnection connection{redis.address(), RedisProductStore::Scripts(), std::chrono::seconds(5)};
  RedisProductStore store{&connection};
  size_t indexed = 0;
  size_t skipped = 0;

  void setup() override {
    redis.FlushAll();
  }

  void Put(const std::string& id) {
    CHECK_OK(store.Put({id, "T", 0, 0, 0}));
  }

  // The hash of a product as the Python shop writes it, with no index.
  void PutAsPython(const std::string& id) {
    redis.Execute({"HSET", "products:" + id, "id", id, "title", "T", "passenger_capacity", "1", "maximum_speed", "2",
                   "in_stock", "3"});
  }

  Page<Product> List(const std::optional<std::string>& after, size_t limit) {
    Page<Product> page;
    CHECK_OK(store.List(after, limit, &page));
    return page;
  }

  // The ids of a page, joined by spaces.
  std::string PageOf(const std::optional<std::string>& after, size_t limit) {
    std::string ids;
    for (const Product& product : List(after, limit).items) ids += (ids.empty() ? "" : " ") + product.id;
    return ids;
  }
};

TEST(RedisProductList, IdsWithoutAProductDoNotShortenAPage) {
  for (const char* id : {"a", "b", "c", "d", "e", "f"}) Put(id);
  redis.Execute({"DEL", "products:a", "products:c"});
  redis.Execute({"HDEL", "products:d", "title"});
  redis.Execute({"HSET", "products:e", "in_stock", "100000000000000000000"});
  CHECK_EQUAL(std::string("b f"), PageOf({}, 2));
  CHECK_EQUAL(std::string("b"), PageOf({}, 1));
  CHECK_EQUAL(std::string("f"), PageOf("b", 2));
}

TEST(RedisProductList, ATitleThatIsNoUtf8DoesNotShortenAPage) {
  for (const char* id : {"a", "b", "c"}) Put(id);
  redis.Execute({"HSET", "products:a", "title", "\xFF"});
  CHECK_EQUAL(std::string("a b"), PageOf({}, 2));
}

TEST(RedisProductList, AHashUnderAnotherIdThanItsOwnIsNoProduct) {
  for (const char* id : {"a", "b", "c"}) Put(id);
  redis.Execute({"HSET", "products:a", "id", "z"});
  CHECK_EQUAL(std::string("b c"), PageOf({}, 2));
}

TEST(RedisProductList, AnIdWithoutAProductIsNoMore) {
  for (const char* id : {"a", "b", "c"}) Put(id);
  redis.Execute({"DEL", "products:c"});
  CHECK_FALSE(List({}, 2).has_more);
}

// As another program may write them.
TEST(RedisProductList, NoMoreIsReadThanAPageMayHave) {
  for (const char* id : {"a", "b", "c", "d"})
    CHECK_OK(store.Put({id, std::string(kMaxPageSize / 2 - 1, 'x'), 0, 0, 0}));
  CHECK_EQUAL(std::string("a b"), PageOf({}, 10));
  CHECK(List({}, 10).has_more);
  CHECK_EQUAL(std::string("c d"), PageOf("b", 10));
  CHECK_FALSE(List("b", 10).has_more);
  CHECK_OK(store.Put({"b", std::string(kMaxPageSize, 'x'), 0, 0, 0}));
  CHECK_EQUAL(std::string("a"), PageOf({}, 10));
  CHECK_EQUAL(std::string("b"), PageOf("a", 10));
  CHECK(List("a", 10).has_more);
}

TEST(RedisProductList, BuildIndexAddsEveryProduct) {
  for (const char* id : {"the_odyssey", "a b", "index", "\xC3\xA9"}) PutAsPython(id);
  CHECK_OK(store.BuildIndex(&indexed, &skipped));
  CHECK_EQUAL(size_t{4}, indexed);
  CHECK_EQUAL(size_t{0}, skipped);
  CHECK_EQUAL(std::string("a b index the_odyssey \xC3\xA9"), PageOf({}, 10));
}

TEST(RedisProductList, BuildIndexSkipsWhatIsNoProductAndLeavesItAlone) {
  PutAsPython("a");
  redis.Execute({"HSET", "products:stock_only", "in_stock", "-3"});
  PutAsPython("malformed");
  redis.Execute({"HSET", "products:malformed", "maximum_speed", "fast"});
  redis.Execute({"SET", "products:string", "x"});
  redis.Execute({"ZADD", "products:sorted_set", "0", "x"});
  for (const char* id : {"", ".", "..", "a/b", "a\nb", "\xFF"}) PutAsPython(id);
  PutAsPython(std::string(129, 'x'));
  redis.Execute({"HSET", "products", "id", "a"});
  redis.Execute({"HSET", "orders:1", "id", "1"});
  const std::string before = redis.Execute({"DBSIZE"});
  CHECK_OK(store.BuildIndex(&indexed, &skipped));
  CHECK_EQUAL(size_t{1}, indexed);
  CHECK_EQUAL(size_t{11}, skipped);
  CHECK_EQUAL(std::string("a"), redis.Execute({"ZRANGE", "product_index", "0", "-1"}));
  CHECK_EQUAL(std::to_string(std::stoi(before) + 1), redis.Execute({"DBSIZE"}));
}

TEST(RedisProductList, BuildIndexMayRunAgainAndKeepsWhatIsThere) {
  PutAsPython("b");
  Put("a");
  CHECK_OK(store.BuildIndex(&indexed, &skipped));
  CHECK_OK(store.BuildIndex(&indexed, &skipped));
  CHECK_EQUAL(size_t{2}, indexed);
  CHECK_EQUAL(std::string("a 0 b 0"), redis.Execute({"ZRANGE", "product_index", "0", "-1", "WITHSCORES"}));
}

TEST(RedisProductList, BuildIndexFindsThousandsOfProductsAmongOtherKeys) {
  redis.Execute({"EVAL",
                 "for i = 1, 2500 do "
                 "  redis.call('HSET', 'products:p' .. i, 'id', 'p' .. i, 'title', 'T', 'passenger_capacity', 1,"
                 "             'maximum_speed', 2, 'in_stock', 3) "
                 "  redis.call('SET', 'other:' .. i, i) "
                 "end",
                 "0"});
  CHECK_OK(store.BuildIndex(&indexed, &skipped));
  CHECK_EQUAL(std::string("2500"), redis.Execute({"ZCARD", "product_index"}));
  CHECK(indexed >= 2500);  // SCAN may give a key twice.
  CHECK_EQUAL(size_t{0}, skipped);
}

TEST(RedisProductList, BuildIndexOfAnEmptyDatabaseFindsNothing) {
  CHECK_OK(store.BuildIndex(&indexed, &skipped));
  CHECK_EQUAL(size_t{0}, indexed);
  CHECK_EQUAL(size_t{0}, skipped);
}

}  // namespace shop
