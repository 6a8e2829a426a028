#include "workers/orders/orders_config.h"

#include <algorithm>

#include "workers/common/postgres.h"
#include "workers/common/settings.h"

namespace shop {
namespace {

constexpr std::chrono::milliseconds kMargin{1000};

}  // namespace

OrdersConfig ReadOrdersConfig(Environment* environment) {
  OrdersConfig config;
  config.worker = ReadWorkerConfig(environment);
  config.postgres_conninfo = environment->RequiredText(settings::kPostgresConninfo);
  if (const std::string error = ConninfoError(config.postgres_conninfo); !error.empty()) {
    environment->FailUnshown(settings::kPostgresConninfo.name, error);
  }
  const int64_t postgres_timeout = environment->Integer(settings::kPostgresTimeoutMs);
  config.postgres_timeout = std::chrono::milliseconds(postgres_timeout);
  IntegerSetting lock_timeout = settings::kLockTimeoutMs;
  lock_timeout.fallback = std::min(lock_timeout.fallback, postgres_timeout);
  lock_timeout.max = postgres_timeout;
  config.lock_timeout = std::chrono::milliseconds(environment->Integer(lock_timeout));
  config.stock_policy =
      environment->Choice(settings::kStockPolicy) == "reject" ? StockPolicy::kReject : StockPolicy::kBackorder;
  config.product_image_root = Environment::Text(settings::kProductImageRoot);
  config.events_maxlen = environment->Integer(settings::kEventsMaxlen);
  config.events_max_bytes = environment->Integer(settings::kEventsMaxBytes);
  return config;
}

ReconcilerConfig ReadReconcilerConfig(Environment* environment) {
  ReconcilerConfig config;
  config.orders = ReadOrdersConfig(environment);
  config.interval = std::chrono::milliseconds(environment->Integer(settings::kReconcilerIntervalMs));
  // The reply to the reserve may take one timeout, connecting to PostgreSQL another, the statement a third.
  const auto longest_work = config.orders.worker.redis_timeout + 2 * config.orders.postgres_timeout + kMargin;
  const int64_t age_limit = environment->Integer(settings::kReconcilerAgeLimitMs);
  config.age_limit = std::chrono::milliseconds(age_limit);
  if (config.age_limit < longest_work) {
    environment->Fail(settings::kReconcilerAgeLimitMs.name, std::to_string(age_limit),
                      "at least " + std::to_string(longest_work.count()) +
                          " (REDIS_TIMEOUT_MS + 2 * POSTGRES_TIMEOUT_MS + " + std::to_string(kMargin.count()) + ")");
  }
  return config;
}

}  // namespace shop
