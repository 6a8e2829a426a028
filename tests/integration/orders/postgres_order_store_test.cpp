#include "workers/orders/postgres_order_store.h"

#include <chrono>

#include "tests/support/checks.h"
#include "tests/support/postgres_server.h"
#include "workers/common/uuid.h"
#include "workers/orders/statements.h"

namespace shop {
namespace {

const NewOrder kNewOrder = {{"a", Money(), 3}, {"b", Money(), 2}};

}  // namespace

// The store logs in as the role that the workers have.
TEST_GROUP(PostgresOrderStore) {
  PostgresServer& postgres = TestPostgres();
  PgConnection connection{postgres.conninfo() + " user=orders", statements::OfWorker(), std::chrono::seconds(5)};
  PostgresOrderStore store{&connection};
  int64_t id = 0;
  Order order;
  bool recorded = false;

  void setup() override {
    postgres.Migrate();
    postgres.FlushAll();
  }
  void teardown() override {
    postgres.Start();
  }

  // Makes the order 1 and reads it.
  void Create() {
    CHECK_OK(store.Create(NewUuid(), kNewOrder, {}, &id));
    CHECK_OK(store.Get(1, &order));
  }
  std::string Count(const std::string& rows) {
    return postgres.Execute("SELECT count(*) FROM " + rows);
  }
};

TEST(PostgresOrderStore, AnOrderWhoseIdCannotBeReadHasAnUnknownOutcomeForItIsThere) {
  postgres.Execute(
      "CREATE FUNCTION forget_order() RETURNS trigger LANGUAGE plpgsql AS"
      " 'BEGIN NEW.order_id = NULL; RETURN NEW; END';"
      "CREATE TRIGGER forget_order BEFORE INSERT ON stock_movements FOR EACH ROW EXECUTE FUNCTION forget_order()");
  const Status status = store.Create(NewUuid(), kNewOrder, {}, &id);
  postgres.Execute("DROP TRIGGER forget_order ON stock_movements; DROP FUNCTION forget_order");
  CHECK_STATUS(StatusCode::kUnknownOutcome, status);
  CHECK_EQUAL(std::string("1"), Count("orders"));
}

TEST(PostgresOrderStore, OfTheBodyOfAUsedKeyTheSha256IsStored) {
  KeyUse use;
  CHECK_OK(store.FindKeyUse({"key", R"({"price": "ä"})"}, &use));
  CHECK_OK(store.Create(NewUuid(), kNewOrder, UnusedKey{"key", use.body_hash}, &id));
  CHECK_EQUAL(std::string("1"),
              Count(R"(idempotency_keys WHERE body_sha256 = sha256(convert_to('{"price": "ä"}', 'UTF8')))"));
}

TEST(PostgresOrderStore, UpdateKeepsTheTimesInUtcAsThePythonShopDid) {
  postgres.Execute("ALTER ROLE orders SET timezone = 'Asia/Tokyo'");
  Create();
  CHECK_OK(store.Update(NewUuid(), order, {{1, "a", Money(), 9}}, &recorded));
  postgres.Execute("ALTER ROLE orders RESET timezone");
  const std::string is_now = " BETWEEN timezone('utc', now()) - interval '1 hour' AND timezone('utc', now())";
  for (const char* table : {"orders", "order_details"}) {
    CHECK_EQUAL_TEXT(Count(table), Count(std::string(table) + " WHERE created_at" + is_now), table);
    CHECK_EQUAL_TEXT(Count(table), Count(std::string(table) + " WHERE updated_at" + is_now), table);
  }
  CHECK_EQUAL(std::string("1"), Count("order_details WHERE updated_at > created_at"));
  CHECK_EQUAL(std::string("1"), Count("orders WHERE updated_at > created_at"));
}

TEST(PostgresOrderStore, EveryCallIsUnavailableWhilePostgresIsAwayAndWorksAgainLater) {
  Page<Order> page;
  Create();
  postgres.Stop();
  CHECK_STATUS(StatusCode::kUnavailable, store.Delete(NewUuid(), order, &recorded));
  CHECK_STATUS(StatusCode::kUnavailable, store.Get(1, &order));
  CHECK_STATUS(StatusCode::kUnavailable, store.List(0, 1, &page));
  CHECK_STATUS(StatusCode::kUnavailable, store.Create(NewUuid(), kNewOrder, {}, &id));
  CHECK_STATUS(StatusCode::kUnavailable, store.Update(NewUuid(), order, {}, &recorded));
  CHECK_STATUS(StatusCode::kUnavailable, store.Ping());
  postgres.Start();
  CHECK_OK(store.Ping());
  CHECK_OK(store.Get(1, &order));
  CHECK_EQUAL(size_t{2}, order.details.size());
}

}  // namespace shop
