#include "workers/orders/postgres_locks.h"

#include "workers/orders/statements.h"

namespace shop {

// A Read, for it may be sent again: a lock that was taken on a connection that is lost is lost, too.
Status PostgresLocks::Lock(const std::string& name) {
  const PgConnection::Parameter parameters[] = {name};
  PgRows rows;
  return postgres_->Read(statements::kLock, parameters, &rows);
}

void PostgresLocks::Unlock(const std::string& name) {
  if (!postgres_->IsConnected()) return;
  const PgConnection::Parameter parameters[] = {name};
  PgRows rows;
  const Status status = postgres_->Write(statements::kUnlock, parameters, &rows);
  // A session that cannot give back its lock must end: others wait for it.
  if (!status.ok()) postgres_->Disconnect();
}

}  // namespace shop
