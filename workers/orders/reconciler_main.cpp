// orders-reconciler: finishes the stock movements that stayed pending. One process is enough; a second does no harm. At
// SIGTERM or SIGUSR1 it exits 0: at once if it is idle, else after its round. multiwatch sends SIGUSR1.
//
// It refuses to work, with exit status 1, if Redis does not have the memory for the events to keep. With --check-redis
// it checks only that. If Redis is away, it asks again until Redis answers; --check-redis then exits 0.

#include <chrono>
#include <csignal>
#include <ctime>
#include <string>

#include "workers/common/startup.h"
#include "workers/orders/orders_config.h"
#include "workers/orders/postgres_movement_log.h"
#include "workers/orders/postgres_retention.h"
#include "workers/orders/reconciler.h"
#include "workers/orders/redis_stock.h"
#include "workers/orders/round_log.h"
#include "workers/orders/statements.h"

namespace {

// Waits for `duration`; false if one of `signals`, which are blocked, came.
bool Wait(std::chrono::milliseconds duration, const sigset_t& signals) {
  const timespec timeout{duration.count() / 1000, duration.count() % 1000 * 1'000'000};
  return sigtimedwait(&signals, nullptr, &timeout) < 0;
}

}  // namespace

int main(int argc, char** argv) {
  shop::Environment environment;
  const shop::ReconcilerConfig config = shop::ReadReconcilerConfig(&environment);
  if (const auto exit_status = shop::EndAfterSettings(environment, argc, argv)) return *exit_status;

  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGUSR1);
  sigprocmask(SIG_BLOCK, &ending, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  const shop::OrdersConfig& orders = config.orders;
  const shop::Logger logger("reconciler", shop::LogLevel::kInfo);  // It has no line for each request.
  shop::PgConnection postgres(orders.postgres_conninfo, shop::statements::OfReconciler(), orders.postgres_timeout);
  shop::RedisConnection redis(orders.worker.redis, shop::RedisStock::Scripts(), orders.worker.redis_timeout);
  shop::PostgresMovementLog movements(&postgres);
  shop::PostgresRetention retention(&postgres);
  shop::RedisStock stock(&redis, orders.stock_policy, orders.events_maxlen, orders.events_max_bytes);
  shop::Reconciler reconciler(&movements, &retention, &stock, &logger, config.age_limit);
  shop::RoundLog rounds(&logger);

  std::string error;
  shop::Status asked = stock.CheckMemory(&error);
  if (shop::HasOption(argc, argv, "--check-redis")) return error.empty() ? 0 : shop::Refuse(error);
  while (!asked.ok()) {
    rounds.Add(asked);
    if (!Wait(config.interval, ending)) return 0;
    asked = stock.CheckMemory(&error);
  }
  if (!error.empty()) return shop::Refuse(error);
  do {
    rounds.Add(reconciler.Round(shop::Reconciler::Clock::now()));
  } while (Wait(config.interval, ending));
  return 0;
}
