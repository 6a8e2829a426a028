#include "workers/orders/postgres_order_store.h"

#include "tests/support/checks.h"
#include "tests/support/postgres_server.h"
#include "workers/common/uuid.h"
#include "workers/orders/statements.h"

namespace shop {
namespace {

Money Price(std::string_view text) {
  return Money::Parse(text).value();
}

// "7: 1 a 1.00 x 3, 2 b 2.00 x 2"
std::string Text(const Order& order) {
  std::string text = std::to_string(order.id) + ":";
  for (const OrderDetail& detail : order.details) {
    text += (text.ends_with(':') ? " " : ", ") + std::to_string(detail.id) + " " + detail.product_id + " " +
            detail.price.ToString() + " x " + std::to_string(detail.quantity);
  }
  return text;
}

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

  int64_t Create(const NewOrder& new_order = {{"a", Price("1"), 3}, {"b", Price("2"), 2}}) {
    CHECK_OK(store.Create(NewUuid(), new_order, {}, &id));
    return id;
  }
  Order Get(int64_t order_id) {
    Order found;
    CHECK_OK(store.Get(order_id, &found));
    return found;
  }
  std::string Stored(int64_t order_id) {
    return Text(Get(order_id));
  }
  std::string Count(const std::string& rows) {
    return postgres.Execute("SELECT count(*) FROM " + rows);
  }

  // What the reconciler does to a movement that nobody recorded.
  std::string CancelledMovement() {
    std::string movement_id = NewUuid();
    postgres.Execute("INSERT INTO stock_movements (id, kind) VALUES ('" + movement_id + "', 'cancelled')");
    return movement_id;
  }
  void CheckMovement(const std::string& movement_id, const std::string& kind) {
    CHECK_EQUAL(std::string("1"), Count("stock_movements WHERE id = '" + movement_id + "' AND kind = '" + kind +
                                        "' AND order_id = " + std::to_string(id)));
  }
};

TEST(PostgresOrderStore, CreateGivesTheIdOfTheOrderThatGetFinds) {
  const std::string movement_id = NewUuid();
  CHECK_OK(store.Create(movement_id, {{"a", Price("1"), 3}, {"b", Price("100000.99"), 2}}, {}, &id));
  CHECK_EQUAL(int64_t{1}, id);
  CHECK_EQUAL(std::string("1: 1 a 1.00 x 3, 2 b 100000.99 x 2"), Stored(1));
  CHECK_EQUAL(int64_t{0}, Get(1).version);
  CheckMovement(movement_id, "created");
  CHECK_EQUAL(int64_t{2}, Create());
}

TEST(PostgresOrderStore, AnOrderWhoseIdCannotBeReadHasAnUnknownOutcomeForItIsThere) {
  postgres.Execute(
      "CREATE FUNCTION forget_order() RETURNS trigger LANGUAGE plpgsql AS"
      " 'BEGIN NEW.order_id = NULL; RETURN NEW; END';"
      "CREATE TRIGGER forget_order BEFORE INSERT ON stock_movements FOR EACH ROW EXECUTE FUNCTION forget_order()");
  const Status status = store.Create(NewUuid(), {{"a", Price("1"), 3}}, {}, &id);
  postgres.Execute("DROP TRIGGER forget_order ON stock_movements; DROP FUNCTION forget_order");
  CHECK_STATUS(StatusCode::kUnknownOutcome, status);
  CHECK_EQUAL(std::string("1"), Count("orders"));
}

TEST(PostgresOrderStore, DetailsHaveTheirIdsInTheOrderInWhichTheyCame) {
  NewOrder many;
  std::string expected = "1:";
  for (int i = 1; i <= 100; ++i) {
    const std::string product_id = "p" + std::to_string((i * 37) % 101);
    many.push_back({product_id, Price("1"), i});
    expected += (i == 1 ? " " : ", ") + std::to_string(i) + " " + product_id + " 1.00 x " + std::to_string(i);
  }
  Create(many);
  CHECK_EQUAL(expected, Stored(1));
}

TEST(PostgresOrderStore, ValuesAreKeptExactly) {
  const NewOrder odd = {
      {"NULL", Price("0"), 1},
      {"a \"b\"\\,{}'$1", Price("0.01"), 2147483647},
      {"\xC3\xA9\xF0\x9F\x9A\x80", Price("9999999999999999.99"), 1},
      {" ", Price("1234567890123456.70"), 1},
      {std::string(128, 'x'), Price("1"), 1},
  };
  Create(odd);
  const Order stored = Get(1);
  CHECK_EQUAL(odd.size(), stored.details.size());
  for (size_t i = 0; i < odd.size(); ++i) {
    CHECK_EQUAL(odd[i].product_id, stored.details[i].product_id);
    CHECK_EQUAL(odd[i].price.ToString(), stored.details[i].price.ToString());
    CHECK_EQUAL(odd[i].quantity, stored.details[i].quantity);
  }
}

TEST(PostgresOrderStore, NothingIsWrittenUnderACancelledMovement) {
  Create();
  const std::string before = Stored(1);
  CHECK_STATUS(StatusCode::kAlreadyExists, store.Create(CancelledMovement(), {{"a", Price("1"), 3}}, {}, &id));
  order = Get(1);
  CHECK_STATUS(StatusCode::kAlreadyExists,
               store.Update(CancelledMovement(), order, {{1, "a", Price("9"), 9}}, &recorded));
  CHECK_STATUS(StatusCode::kAlreadyExists, store.Delete(CancelledMovement(), order, &recorded));
  CHECK_EQUAL(std::string("1"), Count("orders"));
  CHECK_EQUAL(std::string("2"), Count("order_details"));
  CHECK_EQUAL(before, Stored(1));
  CHECK_EQUAL(int64_t{0}, Get(1).version);
}

TEST(PostgresOrderStore, AnOrderThatDoesNotExistIsNotFound) {
  for (const int64_t missing : {int64_t{1}, int64_t{9223372036854775807}}) {
    const Status status = store.Get(missing, &order);
    CHECK_STATUS(StatusCode::kNotFound, status);
    CHECK_EQUAL("Order with id " + std::to_string(missing) + " not found", status.message());
  }
}

TEST(PostgresOrderStore, UpdateChangesTheNamedDetailsOnly) {
  Create({{"a", Price("1"), 3}, {"b", Price("2"), 2}, {"c", Price("3"), 1}});
  Create();
  id = 1;
  const std::string movement_id = NewUuid();
  CHECK_OK(store.Update(movement_id, Get(1), {{3, "c", Price("9.99"), 7}, {1, "a", Price("1"), 4}}, &recorded));
  CHECK(recorded);
  CHECK_EQUAL(std::string("1: 1 a 1.00 x 4, 2 b 2.00 x 2, 3 c 9.99 x 7"), Stored(1));
  CHECK_EQUAL(std::string("2: 4 a 1.00 x 3, 5 b 2.00 x 2"), Stored(2));
  CHECK_EQUAL(int64_t{1}, Get(1).version);
  CHECK_EQUAL(int64_t{0}, Get(2).version);
  CheckMovement(movement_id, "updated");
}

TEST(PostgresOrderStore, UpdateLeavesDetailsOfOtherOrdersAlone) {
  Create();
  Create();
  CHECK_OK(store.Update(NewUuid(), Get(1), {{3, "a", Price("9"), 9}}, &recorded));
  CHECK_EQUAL(std::string("2: 3 a 1.00 x 3, 4 b 2.00 x 2"), Stored(2));
}

TEST(PostgresOrderStore, UpdateKeepsTheTimesInUtcAsThePythonShopDid) {
  postgres.Execute("ALTER ROLE orders SET timezone = 'Asia/Tokyo'");
  Create();
  CHECK_OK(store.Update(NewUuid(), Get(1), {{1, "a", Price("9"), 9}}, &recorded));
  postgres.Execute("ALTER ROLE orders RESET timezone");
  const std::string is_now = " BETWEEN timezone('utc', now()) - interval '1 hour' AND timezone('utc', now())";
  for (const char* table : {"orders", "order_details"}) {
    CHECK_EQUAL_TEXT(Count(table), Count(std::string(table) + " WHERE created_at" + is_now), table);
    CHECK_EQUAL_TEXT(Count(table), Count(std::string(table) + " WHERE updated_at" + is_now), table);
  }
  CHECK_EQUAL(std::string("1"), Count("order_details WHERE updated_at > created_at"));
  CHECK_EQUAL(std::string("1"), Count("orders WHERE updated_at > created_at"));
}

TEST(PostgresOrderStore, DeleteRemovesTheOrderWithItsDetailsAndNoOther) {
  Create();
  Create();
  id = 1;
  const std::string movement_id = NewUuid();
  CHECK_OK(store.Delete(movement_id, Get(1), &recorded));
  CHECK(recorded);
  CHECK_STATUS(StatusCode::kNotFound, store.Get(1, &order));
  CHECK_EQUAL(std::string("2"), Count("order_details"));
  CHECK_EQUAL(std::string("2: 3 a 1.00 x 3, 4 b 2.00 x 2"), Stored(2));
  CheckMovement(movement_id, "deleted");
}

TEST(PostgresOrderStore, NothingIsWrittenToAnOrderThatHasChangedSinceItWasRead) {
  Create();
  const Order read = Get(1);
  CHECK_OK(store.Update(NewUuid(), read, {{1, "a", Price("1"), 4}}, &recorded));
  const std::string before = Stored(1);
  const std::string movements = Count("stock_movements");
  for (const bool is_update : {true, false}) {
    recorded = true;
    CHECK_OK(is_update ? store.Update(NewUuid(), read, {{1, "a", Price("1"), 5}}, &recorded)
                       : store.Delete(NewUuid(), read, &recorded));
    CHECK_FALSE(recorded);
  }
  CHECK_EQUAL(before, Stored(1));
  CHECK_EQUAL(int64_t{1}, Get(1).version);
  CHECK_EQUAL(movements, Count("stock_movements"));
}

TEST(PostgresOrderStore, NothingIsWrittenToAnOrderThatIsGone) {
  Create();
  const Order read = Get(1);
  CHECK_OK(store.Delete(NewUuid(), read, &recorded));
  for (const bool is_update : {true, false}) {
    recorded = true;
    CHECK_OK(is_update ? store.Update(NewUuid(), read, {{1, "a", Price("1"), 5}}, &recorded)
                       : store.Delete(NewUuid(), read, &recorded));
    CHECK_FALSE(recorded);
  }
  CHECK_EQUAL(std::string("2"), Count("stock_movements"));
}

TEST(PostgresOrderStore, EveryCallIsUnavailableWhilePostgresIsAwayAndWorksAgainLater) {
  Page<Order> page;
  Create();
  order = Get(1);
  postgres.Stop();
  CHECK_STATUS(StatusCode::kUnavailable, store.Delete(NewUuid(), order, &recorded));
  CHECK_STATUS(StatusCode::kUnavailable, store.Get(1, &order));
  CHECK_STATUS(StatusCode::kUnavailable, store.List(0, 1, &page));
  CHECK_STATUS(StatusCode::kUnavailable, store.Create(NewUuid(), {{"a", Price("1"), 1}}, {}, &id));
  CHECK_STATUS(StatusCode::kUnavailable, store.Update(NewUuid(), order, {}, &recorded));
  CHECK_STATUS(StatusCode::kUnavailable, store.Ping());
  postgres.Start();
  CHECK_OK(store.Ping());
  CHECK_EQUAL(std::string("1: 1 a 1.00 x 3, 2 b 2.00 x 2"), Stored(1));
}

}  // namespace shop
