#include "workers/common/worker_config.h"

#include "workers/common/redis.h"
#include "workers/common/settings.h"

namespace shop {

WorkerConfig ReadWorkerConfig(Environment* environment) {
  WorkerConfig config;
  config.redis_address = environment->RequiredText(settings::kRedisAddress);
  if (!IsRedisAddress(config.redis_address)) {
    environment->FailUnshown(settings::kRedisAddress.name, settings::kRedisAddress.allowed);
  }
  config.redis_timeout = std::chrono::milliseconds(environment->Integer(settings::kRedisTimeoutMs));
  config.log_level = environment->Choice(settings::kLogLevel) == "info" ? LogLevel::kInfo : LogLevel::kWarning;
  return config;
}

}  // namespace shop
