#include "workers/orders/orders_config.h"

#include <algorithm>

#include "workers/common/postgres.h"

namespace shop {
namespace {

constexpr int64_t kDefaultLockTimeout = 500;
constexpr std::chrono::milliseconds kMargin{1000};

}  // namespace

OrdersConfig ReadOrdersConfig(Environment* environment) {
  OrdersConfig config;
  config.worker = ReadWorkerConfig(environment);
  config.postgres_conninfo = environment->RequiredText("POSTGRES_CONNINFO");
  if (const std::string error = ConninfoError(config.postgres_conninfo); !error.empty()) {
    environment->FailUnshown("POSTGRES_CONNINFO", error);
  }
  const int64_t postgres_timeout = environment->Integer("POSTGRES_TIMEOUT_MS", 2000, 1, 60'000);
  config.postgres_timeout = std::chrono::milliseconds(postgres_timeout);
  config.lock_timeout = std::chrono::milliseconds(
      environment->Integer("LOCK_TIMEOUT_MS", std::min(kDefaultLockTimeout, postgres_timeout), 1, postgres_timeout));
  config.stock_policy = environment->Choice("STOCK_POLICY", {"backorder", "reject"}) == 0 ? StockPolicy::kBackorder
                                                                                          : StockPolicy::kReject;
  config.product_image_root = environment->Text("PRODUCT_IMAGE_ROOT", "http://www.example.com/airship/images");
  config.events_maxlen = environment->Integer("EVENTS_MAXLEN", 1'000'000, 1, 1'000'000'000);
  config.events_max_bytes = environment->Integer("EVENTS_MAX_BYTES", 256 << 20, 1 << 20, 1'000'000'000'000);
  return config;
}

ReconcilerConfig ReadReconcilerConfig(Environment* environment) {
  ReconcilerConfig config;
  config.orders = ReadOrdersConfig(environment);
  config.interval = std::chrono::milliseconds(environment->Integer("RECONCILER_INTERVAL_MS", 1000, 10, 3'600'000));
  // The reply to the reserve may take one timeout, connecting to PostgreSQL another one, the statement a third.
  const auto longest_work = config.orders.worker.redis_timeout + 2 * config.orders.postgres_timeout + kMargin;
  const int64_t age_limit = environment->Integer("RECONCILER_AGE_LIMIT_MS", 10'000, 1, 3'600'000);
  config.age_limit = std::chrono::milliseconds(age_limit);
  if (config.age_limit < longest_work) {
    environment->Fail("RECONCILER_AGE_LIMIT_MS", std::to_string(age_limit),
                      "at least " + std::to_string(longest_work.count()) +
                          " (REDIS_TIMEOUT_MS + 2 * POSTGRES_TIMEOUT_MS + " + std::to_string(kMargin.count()) + ")");
  }
  return config;
}

}  // namespace shop
