// orders-reconciler: finishes the stock movements that a crash left. One is enough, a second does no harm. SIGTERM, or
// SIGUSR1, which multiwatch sends, ends it with exit status 0, at once if it is idle, else after the movement at hand.
//
// It refuses to work, with exit status 1, if Redis has not the memory for the events that are to be kept; --check-redis
// says only that. Where Redis is away, it asks when Redis is there.

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

// Waits for `duration`; false if one of `signals`, which are blocked, came in.
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
  const shop::Logger logger("reconciler", orders.worker.log_level);
  shop::PgConnection postgres(orders.postgres_conninfo, shop::statements::OfReconciler(), orders.postgres_timeout);
  shop::RedisConnection redis(orders.worker.redis_address, shop::RedisStock::Scripts(), orders.worker.redis_timeout);
  shop::PostgresMovementLog movements(&postgres);
  shop::PostgresRetention retention(&postgres);
  shop::RedisStock stock(&redis, orders.stock_policy, orders.events_maxlen, orders.events_max_bytes);
  shop::Reconciler reconciler(&movements, &retention, &stock, &logger, config.age_limit);
  shop::RoundLog rounds(&logger);

  std::string error;
  shop::Status asked = stock.CheckMemory(&error);
  if (shop::HasOption(argc, argv, "--check-redis")) return error.empty() ? 0 : shop::Refuse(error);
  while (!asked.ok()) {
    rounds.Note(asked);
    if (!Wait(config.interval, ending)) return 0;
    asked = stock.CheckMemory(&error);
  }
  if (!error.empty()) return shop::Refuse(error);
  do {
    rounds.Note(reconciler.Round(shop::Reconciler::Clock::now()));
  } while (Wait(config.interval, ending));
  return 0;
}
