#ifndef WORKERS_ORDERS_POSTGRES_PING_H_
#define WORKERS_ORDERS_POSTGRES_PING_H_

#include "workers/common/postgres.h"

namespace shop {

// Ok if the server answers and takes writes. Else kUnavailable; is_read_only() if it answers, but takes no writes.
// `postgres` has the statements of statements.h.
Status PingPostgres(PgConnection* postgres);

}  // namespace shop

#endif  // WORKERS_ORDERS_POSTGRES_PING_H_
