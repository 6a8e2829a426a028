#ifndef WORKERS_ORDERS_POSTGRES_RETENTION_H_
#define WORKERS_ORDERS_POSTGRES_RETENTION_H_

#include <span>
#include <string>
#include <vector>

#include "workers/common/postgres.h"
#include "workers/orders/retention.h"

namespace shop {

// The tables stock_movements and idempotency_keys.
class PostgresRetention : public Retention {
 public:
  // `postgres` has the statements of statements.h and must outlive this.
  explicit PostgresRetention(PgConnection* postgres) : postgres_(postgres) {}

  Status PurgeMovements(const std::vector<std::string>& keep, size_t* removed) override;
  Status PurgeIdempotencyKeys(size_t* removed) override;

 private:
  Status Purge(const PgStatement& statement, std::span<const PgConnection::Parameter> parameters, size_t* removed);

  PgConnection* postgres_;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_POSTGRES_RETENTION_H_
