#include "workers/orders/postgres_locks.h"

#include "workers/orders/statements.h"

namespace shop {

// A Read, because it may be sent again: when a connection is lost, the locks taken on it are lost, too.
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
  // A session that cannot release its lock must end: others wait for it.
  if (!status.ok()) postgres_->Disconnect();
}

}  // namespace shop
