#ifndef WORKERS_COMMON_WORKER_CONFIG_H_
#define WORKERS_COMMON_WORKER_CONFIG_H_

#include <chrono>
#include <string>

#include "workers/common/environment.h"
#include "workers/common/logger.h"

namespace shop {

// The settings of every worker.
struct WorkerConfig {
  std::string redis_address;
  std::chrono::milliseconds redis_timeout;
  LogLevel log_level;
};

WorkerConfig ReadWorkerConfig(Environment* environment);

}  // namespace shop

#endif  // WORKERS_COMMON_WORKER_CONFIG_H_
