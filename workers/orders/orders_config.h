#ifndef WORKERS_ORDERS_ORDERS_CONFIG_H_
#define WORKERS_ORDERS_ORDERS_CONFIG_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "workers/common/environment.h"
#include "workers/common/worker_config.h"
#include "workers/orders/stock_policy.h"

namespace shop {

struct OrdersConfig {
  WorkerConfig worker;
  std::string postgres_conninfo;
  std::chrono::milliseconds postgres_timeout;
  std::chrono::milliseconds lock_timeout;  // At most postgres_timeout.
  StockPolicy stock_policy;
  std::string product_image_root;
  int64_t events_maxlen;
  int64_t events_max_bytes;
};

OrdersConfig ReadOrdersConfig(Environment* environment);

struct ReconcilerConfig {
  OrdersConfig orders;
  std::chrono::milliseconds interval;   // Between two rounds.
  std::chrono::milliseconds age_limit;  // A movement that has been pending for longer is overdue.
};

// The age limit must be longer than a worker can be at work between reserving a movement and recording it.
ReconcilerConfig ReadReconcilerConfig(Environment* environment);

}  // namespace shop

#endif  // WORKERS_ORDERS_ORDERS_CONFIG_H_
