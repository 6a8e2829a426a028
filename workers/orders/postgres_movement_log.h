#ifndef WORKERS_ORDERS_POSTGRES_MOVEMENT_LOG_H_
#define WORKERS_ORDERS_POSTGRES_MOVEMENT_LOG_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "workers/common/postgres.h"
#include "workers/orders/movement_log.h"

namespace shop {

// The table stock_movements, and the table idempotency_keys as far as it is to be purged.
class PostgresMovementLog : public MovementLog {
 public:
  // `postgres` has the statements of statements.h and must outlive the log.
  explicit PostgresMovementLog(PgConnection* postgres) : postgres_(postgres) {}

  Status Settle(const std::string& movement_id, std::optional<RecordedMovement>* recorded) override;
  Status PurgeMovements(const std::vector<std::string>& noted, size_t* removed) override;
  Status PurgeIdempotencyKeys(size_t* removed) override;
  Status Ping() override;

 private:
  Status Purge(const PgStatement& statement, std::span<const PgConnection::Parameter> parameters, size_t* removed);

  PgConnection* postgres_;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_POSTGRES_MOVEMENT_LOG_H_
