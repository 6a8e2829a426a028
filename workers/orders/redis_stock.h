#ifndef WORKERS_ORDERS_REDIS_STOCK_H_
#define WORKERS_ORDERS_REDIS_STOCK_H_

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "workers/common/redis.h"
#include "workers/orders/stock.h"
#include "workers/orders/stock_policy.h"

namespace shop {

// The stock of the products in Redis, with the pending movements in the hash stock:pending.
class RedisStock : public Stock {
 public:
  // The scripts that `redis` must have.
  static std::span<const RedisScript* const> Scripts();

  // `redis` must outlive this. The stream orders:events keeps the latest events: at most about `max_events` of them,
  // and about `max_bytes`.
  RedisStock(RedisConnection* redis, StockPolicy policy, int64_t max_events, int64_t max_bytes)
      : redis_(redis), policy_(policy), max_events_(max_events), max_bytes_(max_bytes) {}

  Status Reserve(const StockMovement& movement) override;
  Status Confirm(const StockMovement& movement, OrderEvent event, int64_t order_id) override;
  Status StartConfirm(const StockMovement& movement, OrderEvent event, int64_t order_id) override;
  Status Release(const StockMovement& movement) override;
  Status FindOverdue(std::chrono::milliseconds age, OverdueMovements* overdue) override;
  Status Ping() override { return redis_->Ping(); }

  // Whether Redis has the memory for the events: `error` says what is wrong, or is empty. kUnavailable if Redis cannot
  // be asked.
  Status CheckMemory(std::string* error);

 private:
  Status ReserveReturn(const StockMovement& movement);
  std::vector<std::string> ConfirmArguments(const StockMovement& movement, OrderEvent event, int64_t order_id) const;

  RedisConnection* redis_;
  StockPolicy policy_;
  int64_t max_events_;
  int64_t max_bytes_;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_REDIS_STOCK_H_
