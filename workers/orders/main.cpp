// orders-worker: serves /orders from PostgreSQL and Redis. See fastcgi_server.h for what its supervisor may rely on.

#include "workers/common/fastcgi_server.h"
#include "workers/common/startup.h"
#include "workers/orders/checkout.h"
#include "workers/orders/order_handlers.h"
#include "workers/orders/orders_config.h"
#include "workers/orders/postgres_locks.h"
#include "workers/orders/postgres_order_store.h"
#include "workers/orders/redis_stock.h"
#include "workers/orders/statements.h"
#include "workers/products/redis_product_store.h"

int main(int argc, char** argv) {
  shop::Environment environment;
  const shop::OrdersConfig config = shop::ReadOrdersConfig(&environment);
  if (const auto exit_status = shop::EndAfterSettings(environment, argc, argv)) return *exit_status;

  shop::Logger logger("orders", config.worker.log_level);
  shop::PgConnection postgres(config.postgres_conninfo, shop::statements::OfWorker(), config.postgres_timeout,
                              config.lock_timeout);
  // Products are only read here, which needs no scripts.
  shop::RedisConnection redis(config.worker.redis, shop::RedisStock::Scripts(), config.worker.redis_timeout);
  shop::PostgresOrderStore orders(&postgres);
  shop::RedisProductStore products(&redis);
  shop::RedisStock stock(&redis, config.stock_policy, config.events_maxlen, config.events_max_bytes);
  shop::PostgresLocks locks(&postgres);
  shop::Checkout checkout(&orders, &locks, &stock, &logger);
  shop::RequestTrace trace(config.worker.slow_request);
  postgres.set_trace(&trace);
  redis.set_trace(&trace);
  const auto disconnect = [&] {
    postgres.Disconnect();
    redis.Disconnect();
  };
  const shop::Router router(shop::OrderResources({&orders, &products, &checkout, config.product_image_root}), &logger,
                            disconnect);
  return shop::ServeFastCgi([&](const shop::HttpRequest& request) { return router.Handle(request); }, &trace, &logger);
}
