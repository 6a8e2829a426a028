#ifndef WORKERS_ORDERS_POSTGRES_MOVEMENT_LOG_H_
#define WORKERS_ORDERS_POSTGRES_MOVEMENT_LOG_H_

#include <optional>
#include <string>

#include "workers/common/postgres.h"
#include "workers/orders/movement_log.h"

namespace shop {

// The table stock_movements.
class PostgresMovementLog : public MovementLog {
 public:
  // `postgres` has the statements of statements.h and must outlive the log.
  explicit PostgresMovementLog(PgConnection* postgres) : postgres_(postgres) {}

  Status Settle(const std::string& movement_id, std::optional<RecordedMovement>* recorded) override;
  Status Ping() override;

 private:
  PgConnection* postgres_;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_POSTGRES_MOVEMENT_LOG_H_
