// Two writes of one order at the same time.

#include <thread>

#include "tests/support/checks.h"
#include "tests/support/postgres_server.h"
#include "tests/support/wait_until.h"
#include "workers/common/uuid.h"
#include "workers/orders/postgres_order_store.h"
#include "workers/orders/statements.h"

namespace shop {
namespace {

// Waits in the database until another session waits for a lock.
constexpr char kUntilSomebodyWaits[] =
    "DO $$ BEGIN LOOP EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted); END LOOP; END $$";

}  // namespace

TEST_GROUP(PostgresOrderRaces) {
  PostgresServer& postgres = TestPostgres();
  PgConnection connection{postgres.conninfo() + " user=orders", statements::OfWorker(), std::chrono::seconds(5)};
  PostgresOrderStore store{&connection};
  Order order;
  bool recorded = true;

  void setup() override {
    postgres.Migrate();
    postgres.FlushAll();
    int64_t id = 0;
    CHECK_OK(store.Create(NewUuid(), {{"a", Money::Parse("1").value(), 3}}, {}, &id));
    CHECK_OK(store.Get(id, &order));
  }

  // Checks that `write` gives up and changes nothing while a transaction that has done `first` keeps its locks, and
  // that it succeeds afterwards.
  void GiveUpBehind(const char* first, const std::function<Status(OrderStore*)>& write) {
    const PgStatement begin{"begin", "BEGIN"}, locking{"locking", first}, rollback{"rollback", "ROLLBACK"};
    const PgStatement* const transaction[] = {&begin, &locking, &rollback};
    PgConnection holder{postgres.conninfo(), transaction, std::chrono::seconds(5)};
    PgConnection hasty{postgres.conninfo() + " user=orders", statements::OfWorker(), std::chrono::seconds(5),
                       std::chrono::milliseconds(50)};
    PostgresOrderStore hasty_store{&hasty};
    PgRows rows;
    CHECK_OK(holder.Write(begin, {}, &rows));
    CHECK_OK(holder.Write(locking, {}, &rows));
    const std::string before = Everything();
    CHECK_STATUS(StatusCode::kLocked, write(&hasty_store));
    CHECK_EQUAL(before, Everything());
    CHECK_OK(holder.Write(rollback, {}, &rows));
    CHECK_OK(write(&hasty_store));
  }

  std::string Everything() {
    return postgres.Execute(
        "SELECT (SELECT string_agg(o::text, ' ') FROM orders o) || (SELECT string_agg(d::text, ' ') FROM order_details "
        "d)"
        " || (SELECT string_agg(m::text, ' ') FROM stock_movements m) || (SELECT count(*) FROM idempotency_keys)");
  }

  // Runs `write` while a transaction that has done `first` holds its locks. That commits when `write` waits for them.
  void WriteBehind(const std::string& first, const std::function<Status()>& write) {
    // The advisory lock shows that `first` is done; the table's own lock is taken before any of the rows' locks.
    std::thread other([&] {
      postgres.Execute("BEGIN; " + first + "; SELECT pg_advisory_xact_lock(1); " + kUntilSomebodyWaits + "; COMMIT");
    });
    const bool is_locked = WaitUntil(
        [this] { return postgres.Execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") != "0"; });
    const Status status = write();
    other.join();
    CHECK(is_locked);
    CHECK_OK(status);
  }

  std::string Stored() {
    return postgres.Execute("SELECT version || ' ' || quantity FROM orders JOIN order_details ON order_id = orders.id");
  }
};

TEST(PostgresOrderRaces, TheSlowerOfTwoUpdatesChangesNothing) {
  WriteBehind("UPDATE orders SET version = version + 1; UPDATE order_details SET quantity = 4", [this] {
    return store.Update(NewUuid(), order, {{1, "a", Money(), 5}}, &recorded);
  });
  CHECK_FALSE(recorded);
  CHECK_EQUAL(std::string("1 4"), Stored());
  CHECK_EQUAL(std::string("1"), postgres.Execute("SELECT count(*) FROM stock_movements"));
}

TEST(PostgresOrderRaces, ADeleteBehindAnUpdateChangesNothing) {
  WriteBehind("UPDATE orders SET version = version + 1; UPDATE order_details SET quantity = 4",
              [this] { return store.Delete(NewUuid(), order, &recorded); });
  CHECK_FALSE(recorded);
  CHECK_EQUAL(std::string("1 4"), Stored());
}

TEST(PostgresOrderRaces, AWriteBehindADeleteChangesNothing) {
  WriteBehind("DELETE FROM orders", [this] {
    return store.Update(NewUuid(), order, {{1, "a", Money(), 5}}, &recorded);
  });
  CHECK_FALSE(recorded);
  CHECK_EQUAL(std::string("0"), postgres.Execute("SELECT count(*) FROM order_details"));
}

TEST(PostgresOrderRaces, WhatIsLockedForTooLongIsKnownToBeUnchanged) {
  const auto update = [this](OrderStore* orders) {
    return orders->Update(NewUuid(), order, {{1, "a", Money(), 5}}, &recorded);
  };
  const auto use_key = [](OrderStore* orders) {
    int64_t id = 0;
    return orders->Create(NewUuid(), {{"a", Money::Parse("1").value(), 3}}, UnusedKey{"key", "\\x00"}, &id);
  };
  GiveUpBehind("UPDATE order_details SET quantity = 4", update);
  CHECK(recorded);
  GiveUpBehind("INSERT INTO idempotency_keys (key, body_sha256, order_id) VALUES ('key', '', 1)", use_key);
  CHECK_OK(store.Get(1, &order));
  GiveUpBehind("SELECT FROM orders FOR UPDATE",
               [this](OrderStore* orders) { return orders->Delete(NewUuid(), order, &recorded); });
  CHECK(recorded);
}

}  // namespace shop
