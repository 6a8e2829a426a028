#include "workers/common/worker_config.h"

#include "workers/common/redis.h"

namespace shop {

WorkerConfig ReadWorkerConfig(Environment* environment) {
  WorkerConfig config;
  config.redis_address = environment->RequiredText("REDIS_ADDRESS");
  if (!IsRedisAddress(config.redis_address)) {
    environment->FailUnshown("REDIS_ADDRESS", "the path of a unix socket, or host:port");
  }
  config.redis_timeout = std::chrono::milliseconds(environment->Integer("REDIS_TIMEOUT_MS", 1000, 1, 60'000));
  config.log_level = environment->Choice("LOG_LEVEL", {"warning", "info"}) == 0 ? LogLevel::kWarning : LogLevel::kInfo;
  return config;
}

}  // namespace shop
