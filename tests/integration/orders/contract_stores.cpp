// The stores on Redis and PostgreSQL, for the contract suites.

#include "tests/contract/stores.h"
#include "tests/support/postgres_server.h"
#include "tests/support/redis_server.h"
#include "workers/orders/postgres_locks.h"
#include "workers/orders/postgres_order_store.h"
#include "workers/orders/redis_stock.h"
#include "workers/orders/statements.h"
#include "workers/products/redis_product_store.h"

namespace shop {
namespace {

constexpr std::chrono::seconds kStoreTimeout{5};
constexpr std::chrono::milliseconds kLockTimeout{50};
constexpr int64_t kMaxEvents = 1'000'000;
constexpr int64_t kMaxBytes = int64_t{1} << 30;

constexpr char kEvents[] = R"lua(
  local events = redis.call('XRANGE', 'orders:events', '-', '+')
  for i, event in ipairs(events) do events[i] = event[2][2] .. ' ' .. event[2][4] end
  return table.concat(events, ', ')
)lua";

// The stores as the workers have them; they log in to PostgreSQL as the workers' role.
struct RealStores {
  RedisAddress redis = TestRedis().address();
  RedisConnection product_redis{redis, RedisProductStore::Scripts(), kStoreTimeout};
  RedisConnection stock_redis{redis, RedisStock::Scripts(), kStoreTimeout};
  RedisProductStore products{&product_redis};
  RedisStock stock{&stock_redis, StockPolicy::kBackorder, kMaxEvents, kMaxBytes};
  RedisStock rejecting_stock{&stock_redis, StockPolicy::kReject, kMaxEvents, kMaxBytes};
  std::string conninfo = TestPostgres().conninfo() + " user=orders";
  PgConnection postgres{conninfo, statements::OfWorker(), kStoreTimeout, kLockTimeout};
  PgConnection other_postgres{conninfo, statements::OfWorker(), kStoreTimeout, kLockTimeout};
  PostgresOrderStore orders{&postgres};
  PostgresLocks locks{&postgres};
  PostgresLocks other_locks{&other_postgres};
};

}  // namespace

Stores MakeStores() {
  TestRedis().FlushAll();
  TestPostgres().Migrate();
  TestPostgres().FlushAll();
  const auto real = std::make_shared<RealStores>();
  const auto events = [] { return TestRedis().Execute({"EVAL", kEvents, "0"}); };
  return {real,   real->products, real->stock, real->rejecting_stock,
          events, real->orders,   real->locks, real->other_locks};
}

}  // namespace shop
