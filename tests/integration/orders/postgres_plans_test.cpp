// How PostgreSQL runs the workers' statements: along indexes, however many orders there are, and whatever PostgreSQL
// knows about the tables. The plans are those of the workers' own connection.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/checks.h"
#include "tests/support/postgres_server.h"
#include "workers/orders/statements.h"

namespace shop {
namespace {

// A call of each statement, with literal parameters.
struct Call {
  const char* statement;
  const char* parameters;
};
constexpr Call kCalls[] = {
    {"get_order", "10"},
    {"list_orders", "5, 101, 20000"},
    {"create_order", "gen_random_uuid(), '{a,b}', '{1,2}', '{1,2}', gen_random_uuid()::text, ''"},
    {"update_order", "gen_random_uuid(), 10, 0, '{10}', '{1}', '{1}'"},
    {"delete_order", "gen_random_uuid(), 1, 0"},
    {"find_key_use", "'k', 'body'"},
    {"cancel_movement", "gen_random_uuid()"},
    {"find_movement", "gen_random_uuid()"},
    {"purge_movements", "1000, '{}'"},
    {"purge_keys", "1000"},
};

std::string ExecuteOf(const Call& call) {
  return "EXECUTE " + std::string(call.statement) + "(" + call.parameters + ")";
}

size_t CountOf(const std::string& part, const std::string& text) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// The most rows that any node of a plan returned in all its loops. The plan is from EXPLAIN (ANALYZE, FORMAT JSON).
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

// A connection as the workers and the reconciler have it, with the statements of both. It runs SQL of a test's own,
// too.
class Session {
 public:
  Session(const PostgresServer& postgres, std::vector<std::string> texts)
      : texts_(std::move(texts)), conninfo_(postgres.conninfo() + " user=orders") {
    for (const auto& all : {statements::OfWorker(), statements::OfReconciler()}) Add(all);
    for (size_t i = 0; i < texts_.size(); ++i) names_.push_back("own " + std::to_string(i));
    for (size_t i = 0; i < texts_.size(); ++i) own_.push_back({names_[i].c_str(), texts_[i].c_str()});
    for (const PgStatement& statement : own_) statements_.push_back(&statement);
    connection_.emplace(conninfo_, statements_, std::chrono::seconds(5));
  }

  // Runs the text of this number. Gives the first value of its rows, or "".
  std::string Run(size_t number) {
    PgRows rows;
    CHECK_OK(connection_->Read(own_[number], {}, &rows));
    return rows.size() > 0 ? std::string(rows.Text(0, 0)) : "";
  }

 private:
  void Add(std::span<const PgStatement* const> all) {
    for (const PgStatement* statement : all) {
      if (std::find(statements_.begin(), statements_.end(), statement) == statements_.end())
        statements_.push_back(statement);
    }
  }

  std::vector<std::string> texts_;
  std::vector<std::string> names_;
  std::vector<PgStatement> own_;
  std::vector<const PgStatement*> statements_;
  std::string conninfo_;
  std::optional<PgConnection> connection_;
};

}  // namespace

TEST_GROUP(PostgresPlans) {
  PostgresServer& postgres = TestPostgres();

  void setup() override {
    postgres.Migrate();
    postgres.FlushAll();
    // FlushAll() makes PostgreSQL forget how large the tables are, but not what their columns hold.
    postgres.Execute("DELETE FROM pg_statistic WHERE starelid >= 16384");
  }

  void Insert(int orders, int details) {
    const std::string ids = "generate_series(1, " + std::to_string(orders) + ")";
    const std::string of_order = "generate_series(1, " + std::to_string(details) + ")";
    postgres.Execute(
        "INSERT INTO orders (id) SELECT " + ids +
        ";INSERT INTO order_details (order_id, product_id, price, quantity) SELECT o, 'p' || d, 1, 1 FROM " + ids +
        " o, " + of_order + " d" +
        ";INSERT INTO stock_movements (id, order_id, kind) SELECT ('ffffffff' || lpad(to_hex(o), 24, '0'))::uuid, o, "
        "'created' FROM " +
        ids + " o" + ";INSERT INTO idempotency_keys (key, body_sha256, order_id) SELECT 'k' || o, '', o FROM " + ids +
        " o; SELECT setval('orders_id_seq', " + std::to_string(orders + 1) + "), pg_stat_force_next_flush()");
  }

  void Analyze() {
    postgres.Execute("ANALYZE orders, order_details, stock_movements, idempotency_keys");
  }

  // The plan of a list with what it read.
  std::string PlanOfList(const std::string& parameters) {
    return Session(postgres, {"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE list_orders(" + parameters + ")"}).Run(0);
  }

  void CheckPlans(const std::string& shop) {
    std::vector<std::string> explained;
    for (const Call& call : kCalls) explained.push_back("EXPLAIN (FORMAT JSON) " + ExecuteOf(call));
    Session session(postgres, explained);
    for (size_t i = 0; i < explained.size(); ++i) {
      const std::string plan = session.Run(i);
      const std::string text = shop + ", " + kCalls[i].statement + ": " + plan;
      CHECK_EQUAL_TEXT(size_t{0}, CountOf("Seq Scan", plan), text.c_str());
      // A plan that reads a whole index has no condition.
      CHECK_EQUAL_TEXT(CountOf("\"Index Scan\"", plan) + CountOf("\"Index Only Scan\"", plan),
                       CountOf("\"Index Cond\"", plan), text.c_str());
    }
  }
};

TEST(PostgresPlans, EachStatementGoesAlongItsIndexesHoweverManyOrdersThereAre) {
  for (const int orders : {0, 10, 100, 20000}) {
    postgres.FlushAll();
    Insert(orders, 3);
    CheckPlans(std::to_string(orders) + " orders, never analyzed");
    Analyze();
    CheckPlans(std::to_string(orders) + " orders, analyzed");
  }
}

// The trigger's statement has a plan, too.
TEST(PostgresPlans, AStatementThatWasPlannedInAnEmptyShopReadsNoMoreInAFullOne) {
  Analyze();
  std::vector<std::string> texts;
  for (const Call& call : kCalls) texts.push_back(ExecuteOf(call));
  texts.push_back("SELECT pg_stat_force_next_flush()");
  Session session(postgres, texts);
  for (size_t i = 0; i < texts.size(); ++i) session.Run(i);
  Insert(20000, 1);
  postgres.Execute("SELECT pg_stat_reset()");
  for (size_t i = 0; i < texts.size(); ++i) session.Run(i);
  CHECK_EQUAL(std::string("0"), postgres.Execute("SELECT sum(seq_scan) FROM pg_stat_user_tables"));
  const std::string read = postgres.Execute("SELECT sum(idx_tup_fetch) FROM pg_stat_user_tables");
  CHECK_TEXT(std::stoll(read) > 200 && std::stoll(read) < 250, read.c_str());
}

TEST(PostgresPlans, APageReadsItsOwnRowsAloneHoweverDeepItLies) {
  Insert(2000, 3);
  Analyze();
  for (const char* parameters : {"0, 11, 20000", "1000, 11, 20000"}) {
    const std::string plan = PlanOfList(parameters);
    CHECK_EQUAL_TEXT(int64_t{11 + 33}, MostRowsOfANode(plan), plan.c_str());
  }
}

TEST(PostgresPlans, APageReadsNoMoreDetailsThanTheLimit) {
  Insert(20000, 3);
  Analyze();
  const std::string plan = PlanOfList("1000, 1001, 1500");
  CHECK_EQUAL_TEXT(int64_t{1001 + 1500}, MostRowsOfANode(plan), plan.c_str());
}

}  // namespace shop
