#include "workers/products/redis_product_store.h"

#include <chrono>

#include "tests/support/checks.h"
#include "tests/support/redis_server.h"

namespace shop {
namespace {

const Product kOdyssey{"the_odyssey", "The Odyssey", 101, 5, 10};

// All fields, for a comparison that shows them.
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
  }
  std::string Index() {
    return redis.Execute({"ZRANGE", "product_index", "0", "-1", "WITHSCORES"});
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
  size_t indexed = 0;
  size_t skipped = 0;
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

}  // namespace shop
