// orders-reconciler: finishes the stock movements that a crash left. One is enough, a second does no harm. SIGTERM, or
// SIGUSR1, which multiwatch sends, ends it with exit status 0, at once if it is idle, else after the movement at hand.

#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "workers/orders/orders_config.h"
#include "workers/orders/postgres_movement_log.h"
#include "workers/orders/reconciler.h"
#include "workers/orders/redis_stock.h"
#include "workers/orders/statements.h"

namespace {

constexpr std::chrono::minutes kPurgeInterval{1};

// Waits for `duration`; false if one of `signals`, which are blocked, came in.
bool Wait(std::chrono::milliseconds duration, const sigset_t& signals) {
  const timespec timeout{duration.count() / 1000, duration.count() % 1000 * 1'000'000};
  return sigtimedwait(&signals, nullptr, &timeout) < 0;
}

// One line when something gets in the way, one when it is gone.
void LogChange(const shop::Logger& logger, const shop::Status& before, const shop::Status& now) {
  if (now.code() == before.code()) return;
  logger.Log(now.ok() ? shop::LogLevel::kWarning : shop::LogLevel::kError,
             now.ok() ? "reconciling again" : "cannot reconcile: " + now.detail());
}

}  // namespace

int main(int argc, char** argv) {
  shop::Environment environment;
  const shop::ReconcilerConfig config = shop::ReadReconcilerConfig(&environment);
  if (!environment.error().empty()) {
    std::fprintf(stderr, "orders-reconciler: %s\n", environment.error().c_str());
    return 1;
  }
  if (argc > 1 && std::strcmp(argv[1], "--check-config") == 0) return 0;

  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGUSR1);
  sigprocmask(SIG_BLOCK, &ending, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const shop::OrdersConfig& orders = config.orders;
  const shop::Logger logger("reconciler", orders.worker.log_level);
  shop::PgConnection postgres(orders.postgres_conninfo, shop::statements::OfReconciler(), orders.postgres_timeout);
  shop::RedisConnection redis(orders.worker.redis_address, shop::RedisStock::Scripts(), orders.worker.redis_timeout);
  shop::PostgresMovementLog movements(&postgres);
  shop::RedisStock stock(&redis, orders.stock_policy, orders.events_maxlen);
  shop::Reconciler reconciler(&movements, &stock, &logger, config.age_limit);

  shop::Status before;
  auto next_purge = std::chrono::steady_clock::now();
  do {
    shop::Status now = reconciler.FinishOverdue();
    if (now.ok() && std::chrono::steady_clock::now() >= next_purge) {
      now = reconciler.Purge();
      next_purge = std::chrono::steady_clock::now() + kPurgeInterval;
    }
    LogChange(logger, before, now);
    before = now;
  } while (Wait(config.interval, ending));
  return 0;
}
