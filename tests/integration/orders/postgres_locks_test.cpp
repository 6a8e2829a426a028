#include "workers/orders/postgres_locks.h"

#include <chrono>

#include "tests/support/checks.h"
#include "tests/support/postgres_server.h"
#include "workers/orders/statements.h"

namespace shop {

TEST_GROUP(PostgresLocks) {
  PostgresServer& postgres = TestPostgres();
  std::string conninfo = postgres.conninfo() + " user=orders";
  PgConnection connection{conninfo, statements::OfWorker(), std::chrono::seconds(5)};
  PgConnection impatient{conninfo, statements::OfWorker(), std::chrono::milliseconds(100)};
  PostgresLocks locks{&connection};
  PostgresLocks other_locks{&impatient};

  void setup() override {
    postgres.Migrate();
    postgres.FlushAll();
  }
  void teardown() override {
    postgres.Start();
  }
};

TEST(PostgresLocks, TheTimeForALockIsItsOwnAndTheSessionStays) {
  PgConnection hasty{conninfo, statements::OfWorker(), std::chrono::seconds(5), std::chrono::milliseconds(50)};
  PostgresLocks hasty_locks{&hasty};
  CHECK_OK(hasty_locks.Lock("order 2"));
  CHECK_OK(locks.Lock("order 1"));
  CHECK_STATUS(StatusCode::kLocked, hasty_locks.Lock("order 1"));
  CHECK_STATUS(StatusCode::kUnavailable, other_locks.Lock("order 2"));
  locks.Unlock("order 1");
  CHECK_OK(hasty_locks.Lock("order 1"));
}

TEST(PostgresLocks, ALockIsGoneWithItsConnection) {
  CHECK_OK(locks.Lock("order 1"));
  connection.Disconnect();
  CHECK_OK(other_locks.Lock("order 1"));
  locks.Unlock("order 1");
  CHECK_FALSE(connection.IsConnected());
  other_locks.Unlock("order 1");
  CHECK_OK(locks.Lock("order 1"));
}

TEST(PostgresLocks, WithoutTheServerThereIsNoLockAndNothingToUnlock) {
  CHECK_OK(locks.Lock("order 1"));
  postgres.Stop();
  CHECK_STATUS(StatusCode::kUnavailable, locks.Lock("order 2"));
  locks.Unlock("order 1");
  CHECK_FALSE(connection.IsConnected());
}

TEST(PostgresLocks, ASessionThatCannotUnlockEnds) {
  CHECK_OK(locks.Lock("order 1"));
  postgres.Stop();
  locks.Unlock("order 1");
  CHECK_FALSE(connection.IsConnected());
}

}  // namespace shop
