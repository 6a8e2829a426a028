#ifndef WORKERS_ORDERS_POSTGRES_LOCKS_H_
#define WORKERS_ORDERS_POSTGRES_LOCKS_H_

#include <string>

#include "workers/common/postgres.h"
#include "workers/orders/locks.h"

namespace shop {

// Advisory locks of the PostgreSQL session, the manual, section 13.3.5.
class PostgresLocks : public Locks {
 public:
  // `postgres` has the statements of statements.h and must outlive this.
  explicit PostgresLocks(PgConnection* postgres) : postgres_(postgres) {}

  Status Lock(const std::string& name) override;
  void Unlock(const std::string& name) override;

 private:
  PgConnection* postgres_;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_POSTGRES_LOCKS_H_
