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

constexpr std::chrono::seconds kTimeout{5};
constexpr int64_t kMaxEvents = 1'000'000;
constexpr int64_t kMaxBytes = int64_t{1} << 30;

class RedisStores : public ProductStores {
 public:
  RedisStores() { redis_.FlushAll(); }

  ProductStore* products() override { return &products_; }
  Stock* stock() override { return &stock_; }
  Stock* rejecting_stock() override { return &rejecting_stock_; }
  int64_t CountEvents() override { return std::stoll(redis_.Execute({"XLEN", "orders:events"})); }

 private:
  RedisServer& redis_ = TestRedis();
  RedisConnection product_connection_{redis_.address(), RedisProductStore::Scripts(), kTimeout};
  RedisConnection stock_connection_{redis_.address(), RedisStock::Scripts(), kTimeout};
  RedisProductStore products_{&product_connection_};
  RedisStock stock_{&stock_connection_, StockPolicy::kBackorder, kMaxEvents, kMaxBytes};
  RedisStock rejecting_stock_{&stock_connection_, StockPolicy::kReject, kMaxEvents, kMaxBytes};
};

// They log in as the role that the workers have.
class PostgresStores : public OrderStores {
 public:
  PostgresStores() {
    postgres_.Migrate();
    postgres_.FlushAll();
  }

  OrderStore* orders() override { return &orders_; }
  Locks* locks() override { return &locks_; }
  Locks* other_locks() override { return &other_locks_; }

 private:
  static constexpr std::chrono::milliseconds kLockTimeout{50};

  PostgresServer& postgres_ = TestPostgres();
  std::string conninfo_ = postgres_.conninfo() + " user=orders";
  PgConnection connection_{conninfo_, statements::OfWorker(), kTimeout, kLockTimeout};
  PgConnection other_connection_{conninfo_, statements::OfWorker(), kTimeout, kLockTimeout};
  PostgresOrderStore orders_{&connection_};
  PostgresLocks locks_{&connection_};
  PostgresLocks other_locks_{&other_connection_};
};

}  // namespace

std::unique_ptr<ProductStores> MakeProductStores() {
  return std::make_unique<RedisStores>();
}

std::unique_ptr<OrderStores> MakeOrderStores() {
  return std::make_unique<PostgresStores>();
}

}  // namespace shop
