// index-products: builds product_index from the hashes in a Redis that the Python shop filled.

#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "workers/common/startup.h"
#include "workers/common/worker_config.h"
#include "workers/products/redis_product_store.h"

int main(int argc, char** argv) {
  shop::Environment environment;
  const shop::WorkerConfig config = shop::ReadWorkerConfig(&environment);
  if (const auto exit_status = shop::EndAfterSettings(environment, argc, argv)) return *exit_status;
  std::signal(SIGPIPE, SIG_IGN);
  shop::RedisConnection redis(config.redis, shop::RedisProductStore::Scripts(), config.redis_timeout);
  size_t indexed = 0;
  size_t skipped = 0;
  const bool on_terminal = isatty(STDERR_FILENO) == 1;
  const shop::Status status = shop::RedisProductStore(&redis).BuildIndex(&indexed, &skipped, [&] {
    if (on_terminal) std::fprintf(stderr, "\r%zu products indexed, %zu keys skipped", indexed, skipped);
  });
  if (on_terminal) std::fputc('\n', stderr);
  if (!status.ok()) return shop::Refuse(status.detail() + "; run it again");
  std::printf("%zu products indexed, %zu keys skipped that are no products\n", indexed, skipped);
  return 0;
}
