// products-worker: serves /products from Redis. See fastcgi_server.h for what its supervisor may rely on.

#include "workers/common/fastcgi_server.h"
#include "workers/common/startup.h"
#include "workers/common/worker_config.h"
#include "workers/products/product_handlers.h"
#include "workers/products/redis_product_store.h"

int main(int argc, char** argv) {
  shop::Environment environment;
  const shop::WorkerConfig config = shop::ReadWorkerConfig(&environment);
  if (const auto exit_status = shop::EndAfterSettings(environment, argc, argv)) return *exit_status;

  shop::Logger logger("products", config.log_level);
  shop::RedisConnection redis(config.redis, shop::RedisProductStore::Scripts(), config.redis_timeout);
  shop::RedisProductStore store(&redis);
  shop::RequestTrace trace(config.slow_request);
  redis.set_trace(&trace);
  const shop::Router router(shop::ProductResources(&store), &logger, [&] { redis.Disconnect(); });
  return shop::ServeFastCgi([&](const shop::HttpRequest& request) { return router.Handle(request); }, &trace, &logger);
}
