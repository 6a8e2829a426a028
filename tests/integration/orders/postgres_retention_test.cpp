#include "workers/orders/postgres_retention.h"

#include <chrono>
#include <string>
#include <vector>

#include "tests/support/checks.h"
#include "tests/support/postgres_server.h"
#include "workers/orders/statements.h"

namespace shop {
namespace {

// SQL for a UUID of version 7 that was made `hours` ago.
std::string OldUuid(const std::string& hours) {
  return "(lpad(to_hex((extract(epoch FROM now() - interval '" + hours +
         " hours') * 1000)::bigint), 12, '0') || right(replace(gen_random_uuid()::text, '-', ''), 20))::uuid";
}

}  // namespace

TEST_GROUP(PostgresRetention) {
  PostgresServer& postgres = TestPostgres();
  PgConnection connection{postgres.conninfo() + " user=orders", statements::OfReconciler(), std::chrono::seconds(5)};
  PostgresRetention retention{&connection};
  size_t removed = 0;

  void setup() override {
    postgres.Migrate();
    postgres.FlushAll();
  }
  void teardown() override {
    postgres.Start();
  }
};

TEST(PostgresRetention, MovementsOlderThan24HoursArePurgedInBatches) {
  postgres.Execute("INSERT INTO stock_movements (id, kind) SELECT " + OldUuid("24.1") +
                   ", 'cancelled' FROM generate_series(1, 1001)");
  postgres.Execute("INSERT INTO stock_movements (id, kind) SELECT " + OldUuid("23.9") + ", 'cancelled'");
  CHECK_OK(retention.PurgeMovements({}, &removed));
  CHECK_EQUAL(Retention::kBatchSize, removed);
  CHECK_OK(retention.PurgeMovements({}, &removed));
  CHECK_EQUAL(size_t{1}, removed);
  CHECK_OK(retention.PurgeMovements({}, &removed));
  CHECK_EQUAL(size_t{0}, removed);
  CHECK_EQUAL(std::string("1"), postgres.Execute("SELECT count(*) FROM stock_movements"));
}

TEST(PostgresRetention, MovementsToKeepAreNotPurged) {
  std::vector<std::string> keep;
  for (int i = 0; i < 2; ++i) {
    keep.push_back(postgres.Execute("INSERT INTO stock_movements (id, kind) SELECT " + OldUuid("25") +
                                    ", 'cancelled' RETURNING id"));
  }
  postgres.Execute("INSERT INTO stock_movements (id, kind) SELECT " + OldUuid("25") + ", 'cancelled'");
  CHECK_OK(retention.PurgeMovements(keep, &removed));
  CHECK_EQUAL(size_t{1}, removed);
  CHECK_EQUAL(std::string("2"), postgres.Execute("SELECT count(*) FROM stock_movements"));
}

TEST(PostgresRetention, IdempotencyKeysOlderThan24HoursArePurged) {
  postgres.Execute(
      "INSERT INTO idempotency_keys (key, body_sha256, order_id, created_at) VALUES"
      " ('old', '', 1, now() - interval '24.1 hours'), ('new', '', 2, now() - interval '23.9 hours')");
  CHECK_OK(retention.PurgeIdempotencyKeys(&removed));
  CHECK_EQUAL(size_t{1}, removed);
  CHECK_EQUAL(std::string("new"), postgres.Execute("SELECT key FROM idempotency_keys"));
}

TEST(PostgresRetention, WithoutTheServerItIsUnavailable) {
  postgres.Stop();
  CHECK_STATUS(StatusCode::kUnavailable, retention.PurgeMovements({}, &removed));
  CHECK_STATUS(StatusCode::kUnavailable, retention.PurgeIdempotencyKeys(&removed));
}

}  // namespace shop
