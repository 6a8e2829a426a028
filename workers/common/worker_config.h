#ifndef WORKERS_COMMON_WORKER_CONFIG_H_
#define WORKERS_COMMON_WORKER_CONFIG_H_

#include <chrono>
#include <string>

#include "workers/common/environment.h"
#include "workers/common/logger.h"
#include "workers/common/redis_address.h"

namespace shop {

// The settings of every worker.
struct WorkerConfig {
  RedisAddress redis;
  std::chrono::milliseconds redis_timeout;
  LogLevel log_level;
  std::chrono::milliseconds slow_request;  // A request that takes longer is logged, with where its time went.
};

WorkerConfig ReadWorkerConfig(Environment* environment);

}  // namespace shop

#endif  // WORKERS_COMMON_WORKER_CONFIG_H_
