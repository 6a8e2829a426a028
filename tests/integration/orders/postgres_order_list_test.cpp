// Reading orders: pages, rows of the Python shop, and how PostgreSQL goes about it.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/checks.h"
#include "tests/support/postgres_server.h"
#include "workers/common/uuid.h"
#include "workers/orders/postgres_order_store.h"
#include "workers/orders/statements.h"

namespace shop {
namespace {

size_t CountOf(const std::string& part, const std::string& text) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// The most rows that a node of the plan, as EXPLAIN (ANALYZE, FORMAT JSON) writes it, gave in all its loops.
int64_t MostRowsOfANode(const std::string& plan) {
  constexpr std::string_view kRows = "\"Actual Rows\": ";
  constexpr std::string_view kLoops = "\"Actual Loops\": ";
  int64_t most = 0;
  for (size_t at = plan.find(kRows); at != std::string::npos; at = plan.find(kRows, at + 1)) {
    const int64_t rows = std::stoll(plan.substr(at + kRows.size()));
    most = std::max<int64_t>(most, rows * std::stoll(plan.substr(plan.find(kLoops, at) + kLoops.size())));
  }
  return most;
}

}  // namespace

TEST_GROUP(PostgresOrderList) {
  PostgresServer& postgres = TestPostgres();
  PgConnection connection{postgres.conninfo() + " user=orders", statements::OfWorker(), std::chrono::seconds(5)};
  PostgresOrderStore store{&connection};

  void setup() override {
    postgres.Migrate();
    postgres.FlushAll();
  }

  // An order with the details given as the rows of a VALUES: (product_id, price, quantity).
  void Insert(int64_t id, const std::string& details) {
    postgres.Execute("INSERT INTO orders (id) VALUES (" + std::to_string(id) + ")");
    if (details.empty()) return;
    postgres.Execute("INSERT INTO order_details (order_id, product_id, price, quantity) SELECT " + std::to_string(id) +
                     ", * FROM (VALUES " + details + ") AS d");
  }

  Page<Order> List(int64_t after, size_t limit) {
    Page<Order> page;
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

  // The plan of a prepared statement that PostgreSQL does not make for its parameters, as after five calls.
  std::string PlanOf(const PgStatement& statement, const std::string& parameters, const char* options = "") {
    return postgres.Execute(std::string("SET plan_cache_mode = force_generic_plan; PREPARE s AS ") + statement.sql +
                            "; EXPLAIN (" + options + "FORMAT JSON) EXECUTE s(" + parameters + ")");
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

TEST(PostgresOrderList, IsInTheOrderOfTheIdsWhereverTheRowsLie) {
  for (const int64_t id : {3, 1, 2}) Insert(id, "('a', 1, 1)");
  postgres.Execute("UPDATE orders SET version = 1 WHERE id = 1; UPDATE order_details SET quantity = 2 WHERE id = 2");
  CHECK_EQUAL(std::string("1: a 1.00 x 2; 2: a 1.00 x 1; 3: a 1.00 x 1"), PageOf(0, 10));
}

TEST(PostgresOrderList, DetailsAreInTheOrderOfTheirIds) {
  Insert(1, "('a', 1, 1), ('b', 2, 1), ('c', 3, 1)");
  postgres.Execute("UPDATE order_details SET quantity = 7 WHERE product_id = 'a'");
  CHECK_EQUAL(std::string("1: a 1.00 x 7, b 2.00 x 1, c 3.00 x 1"), PageOf(0, 10));
  Order order;
  CHECK_OK(store.Get(1, &order));
  CHECK_EQUAL(std::string("a"), order.details[0].product_id);
  CHECK_EQUAL(std::string("c"), order.details[2].product_id);
}

TEST(PostgresOrderList, RowsOfThePythonShopThatThisShopWouldNotWriteAreRead) {
  Insert(1, "('', -1.5, -3), (E'a\\n/', 0, 0), (repeat('x', 1000), 9999999999999999.99, -2147483648)");
  Insert(9223372036854775806, "('a', -9999999999999999.99, 1)");
  CHECK_EQUAL("1:  -1.50 x -3, a\n/ 0.00 x 0, " + std::string(1000, 'x') +
                  " 9999999999999999.99 x -2147483648; 9223372036854775806: a -9999999999999999.99 x 1",
              PageOf(0, 10));
}

TEST(PostgresOrderList, AnOrderWithoutDetailsIsReadUpdatedAndDeleted) {
  Insert(1, "");
  Order order;
  bool recorded = false;
  CHECK_OK(store.Get(1, &order));
  CHECK_EQUAL(int64_t{1}, order.id);
  CHECK(order.details.empty());
  Insert(2, "('a', 1, 1)");
  CHECK_EQUAL(std::string("1:; 2: a 1.00 x 1"), PageOf(0, 10));
  CHECK_OK(store.Delete(NewUuid(), order, &recorded));
  CHECK(recorded);
}

// A page has room for some 20,000 details.
TEST(PostgresOrderList, APageEndsWithTheLastWholeOrderThatMayFit) {
  InsertMany(300, 100);
  const Page<Order> page = List(0, 300);
  CHECK(page.has_more);
  CHECK(page.items.size() > 195);
  CHECK(page.items.size() < 205);
  for (const Order& order : page.items) CHECK_EQUAL(size_t{100}, order.details.size());
  CHECK_EQUAL(300 - page.items.size(), List(page.items.back().id, 300).items.size());
  CHECK_EQUAL(size_t{100}, List(0, 100).items.size());
}

TEST(PostgresOrderList, AnOrderThatFillsAPageIsWhole) {
  for (const int64_t id : {1, 2, 3, 4}) Insert(id, "");
  postgres.Execute(
      "INSERT INTO order_details (order_id, product_id, price, quantity)"
      "  SELECT o, 'a', 1, 1 FROM unnest(ARRAY[2, 4]) AS o, generate_series(1, 30000)");
  CHECK_EQUAL(std::string("1:"), PageOf(0, 10));
  CHECK(List(0, 10).has_more);
  for (const int64_t id : {2, 4}) {
    const Page<Order> page = List(id == 2 ? 1 : 3, 10);
    CHECK_EQUAL(size_t{1}, page.items.size());
    CHECK_EQUAL(id, page.items[0].id);
    CHECK_EQUAL(size_t{30000}, page.items[0].details.size());
    CHECK_EQUAL(id == 2, page.has_more);
  }
}

TEST(PostgresOrderList, NoStatementReadsMoreThanItsKeysHoweverManyOrdersThereAre) {
  InsertMany(20000, 3);
  struct Case {
    const PgStatement& statement;
    const char* parameters;
  };
  const std::string movement_id = "'019a0000-0000-7000-8000-000000000001'";
  const std::string update = movement_id + ", 10000, 0, '{30000}', '{1}', '{1}'";
  const std::string remove = movement_id + ", 10000, 0";
  for (const Case& c :
       {Case{statements::kGetOrder, "10000"}, Case{statements::kListOrders, "10000, 1001, 20000"},
        Case{statements::kUpdateOrder, update.c_str()}, Case{statements::kDeleteOrder, remove.c_str()}}) {
    const std::string plan = PlanOf(c.statement, c.parameters);
    STRCMP_CONTAINS_TEXT("\"Index Name\": \"orders_pkey\"", plan.c_str(), c.statement.name);
    STRCMP_CONTAINS_TEXT("\"Index Name\": \"order_details_", plan.c_str(), c.statement.name);
    CHECK_TEXT(plan.find("Seq Scan") == std::string::npos, (c.statement.name + plan).c_str());
    // An index that is read as a whole has no condition.
    CHECK_EQUAL_TEXT(CountOf("Index Scan\"", plan), CountOf("\"Index Cond\"", plan), plan.c_str());
  }
}

TEST(PostgresOrderList, APageReadsItsOwnRowsAloneHoweverDeepItLies) {
  InsertMany(2000, 3);
  for (const char* parameters : {"0, 11, 20000", "1000, 11, 20000"}) {
    const std::string plan = PlanOf(statements::kListOrders, parameters, "ANALYZE, ");
    CHECK_EQUAL_TEXT(int64_t{11 + 33}, MostRowsOfANode(plan), plan.c_str());
  }
}

TEST(PostgresOrderList, APageReadsNoMoreDetailsThanTheLimit) {
  InsertMany(20000, 3);
  const std::string plan = PlanOf(statements::kListOrders, "1000, 1001, 1500", "ANALYZE, ");
  CHECK_EQUAL_TEXT(int64_t{1001 + 1500}, MostRowsOfANode(plan), plan.c_str());
}

}  // namespace shop
