#include "workers/orders/postgres_ping.h"

#include "workers/orders/statements.h"

namespace shop {

Status PingPostgres(PgConnection* postgres) {
  PgRows rows;
  if (Status status = postgres->Read(statements::kPing, {}, &rows); !status.ok()) return status;
  return rows.Text(0, 0) == "on" ? Status::ReadOnly("postgres: transaction_read_only is on") : Status::Ok();
}

}  // namespace shop
