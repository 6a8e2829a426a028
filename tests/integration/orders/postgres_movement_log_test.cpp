#include "workers/orders/postgres_movement_log.h"

#include <chrono>

#include "tests/support/checks.h"
#include "tests/support/postgres_server.h"
#include "workers/common/uuid.h"
#include "workers/orders/postgres_order_store.h"
#include "workers/orders/statements.h"

namespace shop {

TEST_GROUP(PostgresMovementLog) {
  PostgresServer& postgres = TestPostgres();
  std::string conninfo = postgres.conninfo() + " user=orders";
  PgConnection connection{conninfo, statements::OfReconciler(), std::chrono::seconds(5)};
  PgConnection worker{conninfo, statements::OfWorker(), std::chrono::seconds(5)};
  PostgresMovementLog movements{&connection};
  PostgresOrderStore orders{&worker};
  std::optional<RecordedMovement> recorded;

  void setup() override {
    postgres.Migrate();
    postgres.FlushAll();
  }
  void teardown() override {
    postgres.Start();
  }
};

TEST(PostgresMovementLog, SettleGivesWhatWasRecorded) {
  const std::string created = NewUuid();
  int64_t id = 0;
  CHECK_OK(orders.Create(created, {{"a", Money::Parse("1").value(), 3}}, {}, &id));
  for (int i = 0; i < 2; ++i) {
    CHECK_OK(movements.Settle(created, &recorded));
    CHECK(recorded.has_value());
    CHECK(OrderEvent::kCreated == recorded->event);
    CHECK_EQUAL(id, recorded->order_id);
  }
  Order order;
  CHECK_OK(orders.Get(id, &order));
  const std::string updated = NewUuid();
  bool done = false;
  CHECK_OK(orders.Update(updated, order, order.details, &done));
  CHECK_OK(movements.Settle(updated, &recorded));
  CHECK(OrderEvent::kUpdated == recorded->event);
  const std::string deleted = NewUuid();
  ++order.version;
  CHECK_OK(orders.Delete(deleted, order, &done));
  CHECK_OK(movements.Settle(deleted, &recorded));
  CHECK(OrderEvent::kDeleted == recorded->event);
  CHECK_EQUAL(id, recorded->order_id);
}

TEST(PostgresMovementLog, WhatIsSettledAsCancelledCanNeverBeRecorded) {
  const std::string movement_id = NewUuid();
  for (int i = 0; i < 2; ++i) {
    CHECK_OK(movements.Settle(movement_id, &recorded));
    CHECK_FALSE(recorded.has_value());
  }
  int64_t id = 0;
  const Status status = orders.Create(movement_id, {{"a", Money::Parse("1").value(), 3}}, {}, &id);
  CHECK_STATUS(StatusCode::kAlreadyExists, status);
  CHECK_EQUAL(std::string("stock_movements_pkey"), status.message());
  CHECK_EQUAL(std::string("0"), postgres.Execute("SELECT count(*) FROM orders"));
}

TEST(PostgresMovementLog, PingTellsWhetherPostgresTakesWrites) {
  CHECK_OK(movements.Ping());
  postgres.Execute("ALTER ROLE orders SET default_transaction_read_only = on");
  connection.Disconnect();
  const Status status = movements.Ping();
  int64_t id = 0;
  const Status refused = orders.Create(NewUuid(), {{"a", Money::Parse("1").value(), 3}}, {}, &id);
  postgres.Execute("ALTER ROLE orders RESET default_transaction_read_only");
  CHECK_STATUS(StatusCode::kUnavailable, status);
  CHECK(status.is_read_only());
  CHECK_STATUS(StatusCode::kUnavailable, refused);
  CHECK(refused.is_read_only());
  connection.Disconnect();
  CHECK_OK(movements.Ping());
}

TEST(PostgresMovementLog, WithoutTheServerItIsUnavailable) {
  postgres.Stop();
  CHECK_STATUS(StatusCode::kUnavailable, movements.Settle(NewUuid(), &recorded));
}

}  // namespace shop
