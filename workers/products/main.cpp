// products-worker: serves /products from Redis. See fastcgi_server.h for what its supervisor may rely on.

#include <cstdio>
#include <cstring>

#include "workers/common/fastcgi_server.h"
#include "workers/common/worker_config.h"
#include "workers/products/product_handlers.h"
#include "workers/products/redis_product_store.h"

int main(int argc, char** argv) {
  shop::Environment environment;
  const shop::WorkerConfig config = shop::ReadWorkerConfig(&environment);
  if (!environment.error().empty()) {
    std::fprintf(stderr, "products-worker: %s\n", environment.error().c_str());
    return 1;
  }
  if (argc > 1 && std::strcmp(argv[1], "--check-config") == 0) return 0;

  shop::Logger logger("products", config.log_level);
  shop::RedisConnection redis(config.redis_address, shop::RedisProductStore::Scripts(), config.redis_timeout);
  shop::RedisProductStore store(&redis);
  const shop::Router router(shop::ProductResources(&store), &logger, [&] { redis.Disconnect(); });
  return shop::ServeFastCgi([&](const shop::HttpRequest& request) { return router.Handle(request); }, &logger);
}
