// What the contract of an OrderStore leaves open: rows of the Python shop, and failures.

#include "workers/orders/postgres_order_store.h"

#include <chrono>
#include <cstdint>
#include <string>

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
  int64_t created = 0;
  Order stored;
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
    CHECK_OK(store.Create(NewUuid(), kNewOrder, {}, &created));
    CHECK_OK(store.Get(1, &stored));
  }
  std::string Count(const std::string& rows) {
    return postgres.Execute("SELECT count(*) FROM " + rows);
  }

  // Inserts an order. Its details are the rows of a VALUES: (product_id, price, quantity).
  void Insert(int64_t id, const std::string& details) {
    postgres.Execute("INSERT INTO orders (id) VALUES (" + std::to_string(id) + ")");
    if (details.empty()) return;
    postgres.Execute("INSERT INTO order_details (order_id, product_id, price, quantity) SELECT " + std::to_string(id) +
                     ", * FROM (VALUES " + details + ") AS d");
  }

  OrderPage List(int64_t after, size_t limit) {
    OrderPage page;
    CHECK_OK(store.List(after, limit, &page));
    return page;
  }

  // "1: a 1.00 x 1, b 2.00 x 1; 2:"
  std::string PageOf(int64_t after, size_t limit) {
    std::string text;
    for (const Order& order : List(after, limit).items) {
      text += (text.empty() ? "" : "; ") + std::to_string(order.id) + ":";
      for (const OrderDetail& detail : order.details) {
        text += (text.ends_with(':') ? " " : ", ") + detail.product_id + " " + detail.price.ToString() + " x " +
                std::to_string(detail.quantity);
      }
    }
    return text;
  }

  void InsertMany(int orders, int details) {
    const std::string ids = "generate_series(1, " + std::to_string(orders) + ")";
    postgres.Execute("INSERT INTO orders (id) SELECT " + ids +
                     "; INSERT INTO order_details (order_id, product_id, price, quantity)"
                     "  SELECT o, 'p' || d, 1, 1 FROM " +
                     ids + " AS o, generate_series(1, " + std::to_string(details) +
                     ") AS d; ANALYZE orders; ANALYZE order_details");
  }
};

TEST(PostgresOrderStore, AnOrderWhoseIdCannotBeReadHasAnUnknownOutcomeForItIsThere) {
  postgres.Execute(
      "CREATE FUNCTION forget_order() RETURNS trigger LANGUAGE plpgsql AS"
      " 'BEGIN NEW.order_id = NULL; RETURN NEW; END';"
      "CREATE TRIGGER forget_order BEFORE INSERT ON stock_movements FOR EACH ROW EXECUTE FUNCTION forget_order()");
  const Status status = store.Create(NewUuid(), kNewOrder, {}, &created);
  postgres.Execute("DROP TRIGGER forget_order ON stock_movements; DROP FUNCTION forget_order");
  CHECK_STATUS(StatusCode::kUnknownOutcome, status);
  CHECK_EQUAL(std::string("1"), Count("orders"));
}

TEST(PostgresOrderStore, OfTheBodyOfAUsedKeyTheSha256IsStored) {
  KeyUse use;
  CHECK_OK(store.FindKeyUse({"key", R"({"price": "ä"})"}, &use));
  CHECK_OK(store.Create(NewUuid(), kNewOrder, UnusedKey{"key", use.body_hash}, &created));
  CHECK_EQUAL(std::string("1"),
              Count(R"(idempotency_keys WHERE body_sha256 = sha256(convert_to('{"price": "ä"}', 'UTF8')))"));
}

TEST(PostgresOrderStore, UpdateKeepsTheTimesInUtcAsThePythonShopDid) {
  postgres.Execute("ALTER ROLE orders SET timezone = 'Asia/Tokyo'");
  Create();
  CHECK_OK(store.Update(NewUuid(), stored, {{1, "a", Money(), 9}}, &recorded));
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
  OrderPage page;
  Create();
  postgres.Stop();
  CHECK_STATUS(StatusCode::kUnavailable, store.Delete(NewUuid(), stored, &recorded));
  CHECK_STATUS(StatusCode::kUnavailable, store.Get(1, &stored));
  CHECK_STATUS(StatusCode::kUnavailable, store.List(0, 1, &page));
  CHECK_STATUS(StatusCode::kUnavailable, store.Create(NewUuid(), kNewOrder, {}, &created));
  CHECK_STATUS(StatusCode::kUnavailable, store.Update(NewUuid(), stored, {}, &recorded));
  CHECK_STATUS(StatusCode::kUnavailable, store.Ping());
  postgres.Start();
  CHECK_OK(store.Ping());
  CHECK_OK(store.Get(1, &stored));
  CHECK_EQUAL(size_t{2}, stored.details.size());
}

TEST(PostgresOrderStore, IsInTheOrderOfTheIdsWhereverTheRowsLie) {
  for (const int64_t id : {3, 1, 2}) Insert(id, "('a', 1, 1)");
  postgres.Execute("UPDATE orders SET version = 1 WHERE id = 1; UPDATE order_details SET quantity = 2 WHERE id = 2");
  CHECK_EQUAL(std::string("1: a 1.00 x 2; 2: a 1.00 x 1; 3: a 1.00 x 1"), PageOf(0, 10));
}

TEST(PostgresOrderStore, DetailsAreInTheOrderOfTheirIds) {
  Insert(1, "('a', 1, 1), ('b', 2, 1), ('c', 3, 1)");
  postgres.Execute("UPDATE order_details SET quantity = 7 WHERE product_id = 'a'");
  CHECK_EQUAL(std::string("1: a 1.00 x 7, b 2.00 x 1, c 3.00 x 1"), PageOf(0, 10));
  CHECK_OK(store.Get(1, &stored));
  CHECK_EQUAL(std::string("a"), stored.details[0].product_id);
  CHECK_EQUAL(std::string("c"), stored.details[2].product_id);
}

TEST(PostgresOrderStore, RowsOfThePythonShopThatThisShopWouldNotWriteAreRead) {
  Insert(1, "('', -1.5, -3), (E'a\\n/', 0, 0), (repeat('x', 1000), 9999999999999999.99, -2147483648)");
  Insert(9223372036854775806, "('a', -9999999999999999.99, 1)");
  CHECK_EQUAL("1:  -1.50 x -3, a\n/ 0.00 x 0, " + std::string(1000, 'x') +
                  " 9999999999999999.99 x -2147483648; 9223372036854775806: a -9999999999999999.99 x 1",
              PageOf(0, 10));
}

TEST(PostgresOrderStore, AnOrderWithoutDetailsIsReadListedAndDeleted) {
  Insert(1, "");
  CHECK_OK(store.Get(1, &stored));
  CHECK_EQUAL(int64_t{1}, stored.id);
  CHECK(stored.details.empty());
  Insert(2, "('a', 1, 1)");
  CHECK_EQUAL(std::string("1:; 2: a 1.00 x 1"), PageOf(0, 10));
  CHECK_OK(store.Delete(NewUuid(), stored, &recorded));
  CHECK(recorded);
}

// A page has room for some 20,000 details.
TEST(PostgresOrderStore, APageEndsWithTheLastWholeOrderThatMayFit) {
  InsertMany(300, 100);
  const OrderPage page = List(0, 300);
  CHECK(page.has_more);
  CHECK(page.follower > page.items.back().id);
  CHECK(page.items.size() > 195);
  CHECK(page.items.size() < 205);
  for (const Order& order : page.items) CHECK_EQUAL(size_t{100}, order.details.size());
  CHECK_EQUAL(300 - page.items.size(), List(page.items.back().id, 300).items.size());
  CHECK_EQUAL(size_t{100}, List(0, 100).items.size());
}

TEST(PostgresOrderStore, AnOrderThatFillsAPageIsWhole) {
  for (const int64_t id : {1, 2, 3, 4}) Insert(id, "");
  postgres.Execute(
      "INSERT INTO order_details (order_id, product_id, price, quantity)"
      "  SELECT o, 'a', 1, 1 FROM unnest(ARRAY[2, 4]) AS o, generate_series(1, 30000)");
  CHECK_EQUAL(std::string("1:"), PageOf(0, 10));
  CHECK(List(0, 10).has_more);
  for (const int64_t id : {2, 4}) {
    const OrderPage page = List(id == 2 ? 1 : 3, 10);
    CHECK_EQUAL(size_t{1}, page.items.size());
    CHECK_EQUAL(id, page.items[0].id);
    CHECK_EQUAL(size_t{30000}, page.items[0].details.size());
    CHECK_EQUAL(id == 2, page.has_more);
  }
}

}  // namespace shop
