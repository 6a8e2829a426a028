// What the contract of a ProductStore leaves open: the keys, what other programs write to them, the index, and
// failures.

#include "workers/products/redis_product_store.h"

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/checks.h"
#include "tests/support/redis_server.h"

namespace shop {
namespace {

const Product kOdyssey{"the_odyssey", "The Odyssey", 101, 5, 10};

// All fields as one text, so that a failed comparison shows them.
std::string Text(const Product& product) {
  return product.id + "|" + product.title + "|" + std::to_string(product.passenger_capacity) + "|" +
         std::to_string(product.maximum_speed) + "|" + std::to_string(product.in_stock);
}

}  // namespace

TEST_GROUP(RedisProductStore) {
  RedisServer& redis = TestRedis();
  RedisConnection connection{redis.address(), RedisProductStore::Scripts(), std::chrono::seconds(5)};
  RedisProductStore store{&connection};
  Product product;
  size_t indexed = 0;
  size_t skipped = 0;

  void setup() override {
    redis.FlushAll();
  }
  void teardown() override {
    redis.Start();
  }

  // Writes the product as another program might: with one field set to `value`.
  void PutWith(const std::string& field, const std::string& value) {
    CHECK_OK(store.Put(kOdyssey));
    redis.Execute({"HSET", "products:the_odyssey", field, value});
  }
  std::string Hash(const std::string& id) {
    return redis.Execute({"HGETALL", "products:" + id});
  }
  // What is stored now is no product, and stays as it is.
  void CheckIsNoProduct(const std::string& text) {
    const std::string before = Hash("the_odyssey");
    CHECK_EQUAL_TEXT(StatusCode::kNotFound, store.Get("the_odyssey", &product).code(), text.c_str());
    CHECK_EQUAL_TEXT(StatusCode::kNotFound, store.Update("the_odyssey", {"T", {}, {}, {}}, &product).code(),
                     text.c_str());
    CHECK_EQUAL_TEXT(StatusCode::kNotFound, store.Delete("the_odyssey").code(), text.c_str());
    CHECK_EQUAL_TEXT(before, Hash("the_odyssey"), text.c_str());
    CHECK_EQUAL_TEXT(std::string(), PageOf({}, 10), text.c_str());
  }
  std::string Index() {
    return redis.Execute({"ZRANGE", "product_index", "0", "-1", "WITHSCORES"});
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
    for (const Product& listed : List(after, limit).items) ids += (ids.empty() ? "" : " ") + listed.id;
    return ids;
  }
};

TEST(RedisProductStore, PutWritesThePythonShopsHashAndTheIndex) {
  for (int i = 0; i < 2; ++i) {
    CHECK_OK(store.Put(kOdyssey));
    CHECK_EQUAL(std::string("id the_odyssey title The Odyssey passenger_capacity 101 maximum_speed 5 in_stock 10"),
                Hash("the_odyssey"));
    CHECK_EQUAL(std::string("the_odyssey 0"), Index());
  }
}

TEST(RedisProductStore, PutMakesAProductOfABrokenHash) {
  redis.Execute({"HSET", "products:the_odyssey", "in_stock", "-3"});
  CHECK_OK(store.Put(kOdyssey));
  CHECK_OK(store.Get("the_odyssey", &product));
  CHECK_EQUAL(Text(kOdyssey), Text(product));
}

TEST(RedisProductStore, AHashThatLacksAFieldIsNoProduct) {
  CheckIsNoProduct("all fields");
  for (const char* field : {"id", "title", "passenger_capacity", "maximum_speed", "in_stock"}) {
    CHECK_OK(store.Put(kOdyssey));
    redis.Execute({"HDEL", "products:the_odyssey", field});
    CheckIsNoProduct(field);
  }
}

TEST(RedisProductStore, AHashWithAMalformedNumberIsNoProduct) {
  for (const char* field : {"passenger_capacity", "maximum_speed", "in_stock"}) {
    for (const char* value :
         {"", "x", "1.5", "1e3", " 1", "1 ", "+1", "--1", "-", "0x1", "007", "-0", "1000000000000000000",
          "-100000000000000000", "9223372036854775808", "100000000000000000000"}) {
      PutWith(field, value);
      CheckIsNoProduct(std::string(field) + " '" + value + "'");
    }
  }
}

TEST(RedisProductStore, NumbersThatAreNotTheApisOwnAreRead) {
  for (const char* value : {"0", "-1", "2147483648", "999999999999999999", "-99999999999999999"}) {
    PutWith("in_stock", value);
    CHECK_OK(store.Get("the_odyssey", &product));
    CHECK_EQUAL(std::string(value), std::to_string(product.in_stock));
  }
}

TEST(RedisProductStore, AHashUnderAnotherIdThanItsOwnIsNoProduct) {
  PutWith("id", "the_iliad");
  CheckIsNoProduct("another id");
}

TEST(RedisProductStore, ATitleThatIsNoUtf8IsShownWithReplacementCharactersAndCanBeMended) {
  PutWith("title", "a\xFF");
  CHECK_OK(store.Get("the_odyssey", &product));
  CHECK_EQUAL(std::string("a\xEF\xBF\xBD"), product.title);
  CHECK_OK(store.Update("the_odyssey", {"The Odyssey", {}, {}, {}}, &product));
  CHECK_EQUAL(Text(kOdyssey), Text(product));
}

TEST(RedisProductStore, GetManyOfNothingAsksNothing) {
  redis.Stop();
  std::vector<std::optional<Product>> products(3);
  CHECK_OK(store.GetMany({}, &products));
  CHECK(products.empty());
}

TEST(RedisProductStore, DeleteRemovesTheProductAndItsPlaceInTheIndex) {
  CHECK_OK(store.Put(kOdyssey));
  CHECK_OK(store.Put({"a", "A", 1, 1, 1}));
  CHECK_OK(store.Delete("the_odyssey"));
  CHECK_EQUAL(std::string(), Hash("the_odyssey"));
  CHECK_EQUAL(std::string("a 0"), Index());
}

TEST(RedisProductStore, AProductMayBeCalledLikeTheIndex) {
  for (const char* id : {"index", "product_index", "products:a"}) CHECK_OK(store.Put({id, "T", 0, 0, 0}));
  CHECK_EQUAL(std::string("index 0 product_index 0 products:a 0"), Index());
}

TEST(RedisProductStore, EveryCallIsUnavailableWhileRedisIsAwayAndWorksAgainLater) {
  Page<Product> page;
  redis.Stop();
  CHECK_STATUS(StatusCode::kUnavailable, store.Put(kOdyssey));
  CHECK_STATUS(StatusCode::kUnavailable, store.Get("the_odyssey", &product));
  CHECK_STATUS(StatusCode::kUnavailable, store.Update("the_odyssey", {}, &product));
  CHECK_STATUS(StatusCode::kUnavailable, store.Delete("the_odyssey"));
  CHECK_STATUS(StatusCode::kUnavailable, store.List({}, 1, &page));
  CHECK_STATUS(StatusCode::kUnavailable, store.BuildIndex(&indexed, &skipped));
  CHECK_STATUS(StatusCode::kUnavailable, store.Ping());
  redis.Start();
  CHECK_OK(store.Ping());
  CHECK_OK(store.Put(kOdyssey));
  CHECK_OK(store.Get("the_odyssey", &product));
}

TEST(RedisProductStore, IdsWithoutAProductDoNotShortenAPage) {
  for (const char* id : {"a", "b", "c", "d", "e", "f"}) Put(id);
  redis.Execute({"DEL", "products:a", "products:c"});
  redis.Execute({"HDEL", "products:d", "title"});
  redis.Execute({"HSET", "products:e", "in_stock", "100000000000000000000"});
  CHECK_EQUAL(std::string("b f"), PageOf({}, 2));
  CHECK_EQUAL(std::string("b"), PageOf({}, 1));
  CHECK_EQUAL(std::string("f"), PageOf("b", 2));
}

TEST(RedisProductStore, ATitleThatIsNoUtf8DoesNotShortenAPage) {
  for (const char* id : {"a", "b", "c"}) Put(id);
  redis.Execute({"HSET", "products:a", "title", "\xFF"});
  CHECK_EQUAL(std::string("a b"), PageOf({}, 2));
}

TEST(RedisProductStore, AnIdWithoutAProductIsNoMore) {
  for (const char* id : {"a", "b", "c"}) Put(id);
  redis.Execute({"DEL", "products:c"});
  CHECK_FALSE(List({}, 2).has_more);
}

// The products are as another program may write them.
TEST(RedisProductStore, NoMoreIsReadThanAPageMayHave) {
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

TEST(RedisProductStore, BuildIndexAddsEveryProduct) {
  for (const char* id : {"the_odyssey", "a b", "index", "\xC3\xA9"}) PutAsPython(id);
  CHECK_OK(store.BuildIndex(&indexed, &skipped));
  CHECK_EQUAL(size_t{4}, indexed);
  CHECK_EQUAL(size_t{0}, skipped);
  CHECK_EQUAL(std::string("a b index the_odyssey \xC3\xA9"), PageOf({}, 10));
}

TEST(RedisProductStore, BuildIndexSkipsWhatIsNoProductAndLeavesItAlone) {
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

TEST(RedisProductStore, BuildIndexMayRunAgainAndKeepsWhatIsThere) {
  PutAsPython("b");
  Put("a");
  CHECK_OK(store.BuildIndex(&indexed, &skipped));
  CHECK_OK(store.BuildIndex(&indexed, &skipped));
  CHECK_EQUAL(size_t{2}, indexed);
  CHECK_EQUAL(std::string("a 0 b 0"), redis.Execute({"ZRANGE", "product_index", "0", "-1", "WITHSCORES"}));
}

TEST(RedisProductStore, BuildIndexFindsThousandsOfProductsAmongOtherKeys) {
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

TEST(RedisProductStore, BuildIndexOfAnEmptyDatabaseFindsNothing) {
  CHECK_OK(store.BuildIndex(&indexed, &skipped));
  CHECK_EQUAL(size_t{0}, indexed);
  CHECK_EQUAL(size_t{0}, skipped);
}

}  // namespace shop
