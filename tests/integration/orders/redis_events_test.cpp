#include <algorithm>
#include <cstdlib>
#include <string>

#include "tests/support/checks.h"
#include "tests/support/redis_server.h"
#include "workers/common/uuid.h"
#include "workers/orders/redis_stock.h"
#include "workers/products/redis_product_store.h"

namespace shop {
namespace {

constexpr int64_t kFewBytes = int64_t{1} << 20;

// Counts an event as the script does: the size of its texts, and an eighth of that.
constexpr char kCount[] = R"lua(
  local bytes, events = 0, redis.call('XRANGE', 'orders:events', '-', '+')
  for _, entry in ipairs(events) do
    local texts = 0
    for _, text in ipairs(entry[2]) do texts = texts + #text end
    bytes = bytes + math.floor(texts * 9 / 8)
  end
  return bytes .. ' ' .. #events
)lua";

}  // namespace

// The stream of events stays within its bounds.
TEST_GROUP(RedisEvents) {
  RedisServer& redis = TestRedis();
  RedisConnection connection{redis.address(), RedisStock::Scripts(), std::chrono::seconds(5)};
  RedisStock stock{&connection, StockPolicy::kBackorder, 1'000'000, kFewBytes};

  void setup() override {
    redis.FlushAll();
    redis.Execute({"CONFIG", "SET", "appendfsync", "no"});  // There are thousands of events, and none has to survive.
  }
  void teardown() override {
    redis.Execute({"CONFIG", "SET", "appendfsync", "always"});
  }

  // Appends an event of about 30 bytes for each of `items`, or of about 100 bytes if there are none.
  void Append(RedisStock * to, int items, size_t id_size = 20) {
    StockMovement movement{NewUuid(), {}, {}};
    for (int i = 0; i < items; ++i) {
      std::string id = "p" + std::to_string(i);
      id.resize(id_size, 'x');
      movement.give_back.push_back({id, 1});
    }
    CHECK_OK(to->Reserve(movement));
    CHECK_OK(to->Confirm(movement, OrderEvent::kUpdated, 7));
  }
  int64_t Events() {
    return std::stoll(redis.Execute({"XLEN", "orders:events"}));
  }
  int64_t Memory() {
    const std::string usage = redis.Execute({"MEMORY", "USAGE", "orders:events", "SAMPLES", "0"});
    return usage == "(nil)" ? 0 : std::stoll(usage);
  }
  std::string Size() {
    return redis.Execute({"GET", "orders:events:size"});
  }
  std::string Counted() {
    return redis.Execute({"EVAL", kCount, "0"});
  }
  int64_t CountedBytes() {
    return std::strtoll(Size().c_str(), nullptr, 10);
  }
};

TEST(RedisEvents, TheirSizeIsCounted) {
  for (const int items : {0, 1, 30, 100, 0}) {
    Append(&stock, items);
    CHECK_EQUAL(Counted(), Size());
  }
}

TEST(RedisEvents, TheCountIsAboutWhatTheyTakeOfTheMemory) {
  struct Case {
    int items;
    size_t id_size;
    int events;
  };
  for (const Case& c :
       {Case{0, 20, 1000}, {1, 6, 1000}, {1, 20, 1000}, {10, 20, 500}, {30, 20, 300}, {100, 20, 100}, {100, 128, 50}}) {
    redis.FlushAll();
    for (int i = 0; i < c.events; ++i) Append(&stock, c.items, c.id_size);
    const double ratio = static_cast<double>(Memory()) / static_cast<double>(CountedBytes());
    CHECK_TEXT(ratio > 0.7 && ratio < 1.2, (std::to_string(c.items) + " items: " + std::to_string(ratio)).c_str());
  }
}

TEST(RedisEvents, TheOldestGoWhenTheyTakeTooMuch) {
  for (int i = 0; i < 200; ++i) Append(&stock, 100, 128);  // Some 14 kB each.
  CHECK(Events() > 50);
  CHECK(Events() < 80);
  CHECK(CountedBytes() <= kFewBytes);
  CHECK(Memory() < kFewBytes * 12 / 10);
  CHECK_EQUAL(Counted(), Size());
  Append(&stock, 0);
  STRCMP_CONTAINS("give_back []", redis.Execute({"XREVRANGE", "orders:events", "+", "-", "COUNT", "1"}).c_str());
}

TEST(RedisEvents, TheOldestGoWhenThereAreTooMany) {
  for (const int64_t max_events : {1, 2, 7, 450}) {
    redis.FlushAll();
    RedisStock short_stream(&connection, StockPolicy::kBackorder, max_events, kFewBytes);
    for (int64_t i = 0; i < max_events + 20; ++i) Append(&short_stream, 0);
    CHECK(Events() <= max_events);
    CHECK(Events() > max_events - std::max(int64_t{1}, max_events / 100));
    CHECK_EQUAL(Counted(), Size());
  }
}

TEST(RedisEvents, AnAppendTakesNoLongerTheFartherTheStreamIsBeyondItsBounds) {
  for (int i = 0; i < 1000; ++i) Append(&stock, 0);
  RedisStock short_stream(&connection, StockPolicy::kBackorder, 10, kFewBytes);
  Append(&short_stream, 0);
  CHECK(Events() >= 1001 - 16);
  for (int i = 0; i < 1000 && Events() > 10; ++i) Append(&short_stream, 0);
  CHECK_EQUAL(int64_t{10}, Events());
  CHECK_EQUAL(Counted(), Size());
}

TEST(RedisEvents, AStreamThatNobodyHasCountedIsCountedOnce) {
  for (int i = 0; i < 100; ++i) Append(&stock, 10);
  const int64_t memory = Memory();
  const int64_t counted = CountedBytes();
  for (const char* size : {"", "no size", "-5 100", "1 99", "1.5 100", "9 9 100"}) {
    redis.Execute({"DEL", "orders:events:size"});
    if (*size != '\0') redis.Execute({"SET", "orders:events:size", size});
    redis.Execute({"XTRIM", "orders:events", "MAXLEN", "100"});
    Append(&stock, 10);
    CHECK_TEXT(CountedBytes() > memory && CountedBytes() < 2 * counted, Size().c_str());
  }
  redis.Execute({"DEL", "orders:events:size"});
  redis.Execute({"HSET", "orders:events:size", "of", "another type"});
  Append(&stock, 10);
  CHECK(CountedBytes() > memory);
}

TEST(RedisEvents, AStreamThatSomebodyElseHasCutIsCountedAnew) {
  for (int i = 0; i < 500; ++i) Append(&stock, 10);
  redis.Execute({"XTRIM", "orders:events", "MAXLEN", "5"});
  Append(&stock, 10);
  CHECK(CountedBytes() < 2 * Memory());
  redis.Execute({"DEL", "orders:events"});
  Append(&stock, 10);
  CHECK_EQUAL(Counted(), Size());
}

}  // namespace shop
