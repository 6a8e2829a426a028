#include "workers/orders/postgres_retention.h"

#include "workers/common/integer.h"
#include "workers/orders/statements.h"

namespace shop {

Status PostgresRetention::PurgeMovements(const std::vector<std::string>& keep, size_t* removed) {
  const PgConnection::Parameter parameters[] = {std::to_string(kBatchSize), PgArray(keep)};
  return Purge(statements::kPurgeMovements, parameters, removed);
}

Status PostgresRetention::PurgeIdempotencyKeys(size_t* removed) {
  const PgConnection::Parameter parameters[] = {std::to_string(kBatchSize)};
  return Purge(statements::kPurgeKeys, parameters, removed);
}

Status PostgresRetention::Purge(const PgStatement& statement, std::span<const PgConnection::Parameter> parameters,
                                size_t* removed) {
  PgRows rows;
  if (Status status = postgres_->Write(statement, parameters, &rows); !status.ok()) return status;
  *removed = ParseInteger<size_t>(rows.Text(0, 0)).value_or(0);
  return Status::Ok();
}

}  // namespace shop
