#include "workers/common/postgres.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/checks.h"
#include "tests/support/child_process.h"
#include "tests/support/connection_cases.h"
#include "tests/support/postgres_server.h"
#include "tests/support/wait_until.h"

namespace shop {
namespace {

using namespace std::chrono_literals;

constexpr auto kTimeout = 400ms;
constexpr auto kGrace = 250ms;  // How much longer the client waits than the server.

constexpr PgStatement kInsert{"insert", "INSERT INTO things (id, name) VALUES ($1, $2) RETURNING id, name"};
constexpr PgStatement kSelect{"select", "SELECT id, name FROM things WHERE id = $1"};
constexpr PgStatement kUnnest{"unnest",
                              "SELECT value FROM unnest($1::text[]) WITH ORDINALITY AS t(value, n) ORDER BY n"};
constexpr PgStatement kSleep{"sleep", "SELECT pg_sleep($1)"};
constexpr PgStatement kSlowInsert{"slow_insert", "INSERT INTO things SELECT $1, pg_sleep($2)::text"};
constexpr PgStatement kDivide{"divide", "SELECT 1 / $1::int"};
constexpr PgStatement kPid{"pid", "SELECT pg_backend_pid()"};
constexpr PgStatement kEcho{"echo", "SELECT length($1::text)"};
constexpr const PgStatement* kStatements[] = {&kInsert,     &kSelect, &kUnnest, &kSleep,
                                              &kSlowInsert, &kDivide, &kPid,    &kEcho};

constexpr PgStatement kBroken{"broken", "SELECT nothing FROM nowhere"};
constexpr const PgStatement* kBrokenStatements[] = {&kBroken};

using Parameters = std::vector<PgConnection::Parameter>;

}  // namespace

TEST_GROUP(Postgres) {
  PostgresServer& server = TestPostgres();
  PgConnection postgres{server.conninfo(), kStatements, kTimeout};
  PgRows rows;

  void setup() override {
    server.Execute(
        "SET client_min_messages = error; DROP TABLE IF EXISTS things;"
        "CREATE TABLE things (id bigint PRIMARY KEY, name text CONSTRAINT things_name_key UNIQUE)");
  }
  void teardown() override {
    server.Start();
    server.Execute("DROP TABLE IF EXISTS things");
  }

  Status Insert(const char* id, PgConnection::Parameter name) {
    return postgres.Write(kInsert, Parameters{id, std::move(name)}, &rows);
  }
  Status Select(const char* id) {
    return postgres.Read(kSelect, Parameters{id}, &rows);
  }
  std::string Count() {
    return server.Execute("SELECT count(*) FROM things");
  }

  // Ends the backend while it sleeps.
  std::unique_ptr<ChildProcess> EndWhileItSleeps(const std::string& pid) {
    return std::make_unique<ChildProcess>([this, pid] {
      const std::string sleeping = "FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = " + pid;
      if (WaitUntil([&] { return server.Execute("SELECT count(*) " + sleeping) == "1"; })) {
        server.Execute("SELECT pg_terminate_backend(" + pid + ")");
      }
      return 0;
    });
  }
};

TEST(Postgres, RowsComeBackAsText) {
  CHECK_OK(Insert("1", "a name"));
  CHECK_EQUAL(1, rows.size());
  CHECK_EQUAL(std::string_view("1"), rows.Text(0, 0));
  CHECK_OK(Select("1"));
  CHECK_EQUAL(1, rows.size());
  CHECK_EQUAL(std::string_view("a name"), rows.Text(0, 1));
  CHECK_OK(Select("2"));
  CHECK_EQUAL(0, rows.size());
}

TEST(Postgres, NullIsNotTheEmptyText) {
  CHECK_OK(Insert("1", std::nullopt));
  CHECK_OK(Insert("2", ""));
  CHECK_OK(Select("1"));
  CHECK(rows.IsNull(0, 1));
  CHECK_EQUAL(std::string_view(), rows.Text(0, 1));
  CHECK_OK(Select("2"));
  CHECK_FALSE(rows.IsNull(0, 1));
  CHECK_EQUAL(std::string_view(), rows.Text(0, 1));
}

TEST(Postgres, TheShopsMigrationsRunOnceHoweverOftenTheyAreAskedFor) {
  server.Migrate();
  server.Migrate();
  CHECK_EQUAL(std::string("t"), server.Execute("SELECT count(*) > 0 FROM schema_migrations"));
  server.FlushAll();
  CHECK_EQUAL(std::string("t"), server.Execute("SELECT count(*) > 0 FROM schema_migrations"));
  CHECK_EQUAL(std::string("0"), server.Execute("SELECT count(*) FROM orders"));
}

TEST(Postgres, RowsThatNobodyReadAreNone) {
  CHECK_EQUAL(0, PgRows().size());
}

TEST(Postgres, ArraysArriveAsTheyAre) {
  const std::vector<std::string> values = {
      "plain",    "",     " spaces ", "a,b",      "\"quoted\"",  "back\\slash", "\\\"",
      "{braces}", "NULL", "null",     "'single'", "line\nbreak", "tab\t",       "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\x80",
      "{}",       "\\",   "\"",       ",",        "\x01\x7F"};
  CHECK_OK(postgres.Read(kUnnest, Parameters{PgArray(values)}, &rows));
  CHECK_EQUAL(static_cast<int>(values.size()), rows.size());
  for (int row = 0; row < rows.size(); ++row) {
    CHECK_FALSE(rows.IsNull(row, 0));
    CHECK_EQUAL(values[static_cast<size_t>(row)], std::string(rows.Text(row, 0)));
  }
}

TEST(Postgres, AnEmptyArrayArrivesEmpty) {
  CHECK_OK(postgres.Read(kUnnest, Parameters{PgArray({})}, &rows));
  CHECK_EQUAL(0, rows.size());
}

TEST(Postgres, AUniqueViolationNamesItsConstraint) {
  CHECK_OK(Insert("1", "a"));
  const Status name_taken = Insert("2", "a");
  CHECK_STATUS(StatusCode::kAlreadyExists, name_taken);
  CHECK_EQUAL(std::string("things_name_key"), name_taken.message());
  CHECK_EQUAL(std::string("things_pkey"), Insert("1", "b").message());
  CHECK_EQUAL(std::string("1"), Count());
}

TEST(Postgres, AnErrorIsUnexpectedAndTheConnectionStays) {
  CHECK_OK(postgres.Read(kPid, {}, &rows));
  const std::string pid(rows.Text(0, 0));
  const Status status = postgres.Write(kDivide, Parameters{"0"}, &rows);
  CHECK_STATUS(StatusCode::kUnexpected, status);
  CHECK(status.detail().find("division by zero") != std::string::npos);
  CHECK_STATUS(StatusCode::kUnexpected, Insert("not a number", "a"));
  CHECK_OK(postgres.Read(kPid, {}, &rows));
  CHECK_EQUAL(pid, std::string(rows.Text(0, 0)));
}

TEST(Postgres, AStatementThatCannotBePreparedIsUnexpectedUntilItCan) {
  PgConnection other(server.conninfo(), kBrokenStatements, kTimeout);
  CHECK_STATUS(StatusCode::kUnexpected, other.Read(kBroken, {}, &rows));
  server.Execute("CREATE TABLE nowhere AS SELECT 1 AS nothing");
  const Status status = other.Read(kBroken, {}, &rows);
  server.Execute("DROP TABLE nowhere");
  CHECK_OK(status);
}

TEST(Postgres, AStatementThatTakesTooLongIsEndedByTheServer) {
  CheckTakesAtMost(kTimeout + kGrace, StatusCode::kUnavailable,
                   [&] { return postgres.Read(kSleep, Parameters{"10"}, &rows); });
  const auto write = [&] { return postgres.Write(kSlowInsert, Parameters{"1", "10"}, &rows); };
  CheckTakesAtMost(kTimeout + kGrace, StatusCode::kUnavailable, write);
  CHECK_EQUAL(std::string("0"), Count());
  CHECK_OK(Insert("1", "a"));
}

TEST(Postgres, AFrozenServerIsUnavailableAfterOneTimeout) {
  CHECK_OK(Insert("1", "a"));
  server.Freeze();
  CheckTakesAtMost(kTimeout + kGrace + 150ms, StatusCode::kUnavailable, [&] { return Select("1"); });
  CheckTakesAtMost(kTimeout + kGrace, StatusCode::kUnavailable, [&] { return Select("1"); });
  server.Thaw();
  CHECK_OK(Select("1"));
  CHECK_EQUAL(1, rows.size());
}

TEST(Postgres, AWriteToAServerThatFreezesHasAnUnknownOutcomeAndIsNotRepeated) {
  CHECK_OK(Insert("1", "a"));
  server.Freeze();
  CheckTakesAtMost(kTimeout + 2 * kGrace, StatusCode::kUnknownOutcome, [&] { return Insert("2", "late"); });
  CheckTakesAtMost(kTimeout + kGrace, StatusCode::kUnavailable, [&] { return Insert("3", "never sent"); });
  server.Thaw();
  CHECK(WaitUntil([&] { return Count() == "2"; }));  // It was sent, after all.
  CHECK_OK(Insert("4", "next"));
  CHECK_OK(Select("3"));
  CHECK_EQUAL(0, rows.size());
}

TEST(Postgres, AParameterLargerThanTheSocketsBufferDoesNotBlockOnAFrozenServer) {
  const std::string large(4 << 20, 'x');
  CHECK_OK(postgres.Read(kEcho, Parameters{large}, &rows));
  CHECK_EQUAL(std::to_string(large.size()), std::string(rows.Text(0, 0)));
  server.Freeze();
  ChildProcess guard([&] { return postgres.Write(kEcho, Parameters{large}, &rows).Is(StatusCode::kUnknownOutcome); });
  CHECK_EQUAL(std::optional(1), guard.Wait(kTimeout + 10 * kGrace));
}

TEST(Postgres, ItWorksAtOnceAfterARestart) {
  const auto select = [this] { return Select("1"); };
  const auto insert = [this, id = 0]() mutable { return Insert(std::to_string(++id).c_str(), std::nullopt); };
  CheckWorksAtOnceAfterARestart(server, select, insert);
  CHECK_EQUAL(1, rows.size());
  CHECK_EQUAL(std::string("2"), Count());
}

TEST(Postgres, AServerThatIsAwayIsUnavailableAtOnceAndFoundWhenItIsBack) {
  const auto select = [this] { return Select("1"); };
  const auto insert = [this] { return Insert("1", "a"); };
  CheckIsUnavailableWhileItIsAway(server, kTimeout, select, insert);
}

TEST(Postgres, ABackendThatIsEndedBetweenTwoStatementsIsReplaced) {
  CHECK_OK(postgres.Read(kPid, {}, &rows));
  server.Execute("SELECT pg_terminate_backend(" + std::string(rows.Text(0, 0)) + ", 5000)");
  CHECK_OK(Select("1"));
  CHECK_OK(postgres.Read(kPid, {}, &rows));
  server.Execute("SELECT pg_terminate_backend(" + std::string(rows.Text(0, 0)) + ", 5000)");
  CHECK_OK(Insert("1", "a"));
}

TEST(Postgres, ABackendThatIsEndedDuringAWriteLeavesAnUnknownOutcome) {
  PgConnection patient(server.conninfo(), kStatements, 10s);
  CHECK_OK(patient.Read(kPid, {}, &rows));
  const std::string pid(rows.Text(0, 0));
  const auto killer = EndWhileItSleeps(pid);
  CHECK_STATUS(StatusCode::kUnknownOutcome, patient.Write(kSlowInsert, Parameters{"1", "9"}, &rows));
  CHECK_EQUAL(std::string("0"), Count());  // Not repeated.
  CHECK_OK(patient.Write(kInsert, Parameters{"2", "b"}, &rows));
}

TEST(Postgres, ABackendThatIsEndedDuringAReadIsReplacedAndTheReadRepeated) {
  PgConnection patient(server.conninfo(), kStatements, 10s);
  CHECK_OK(patient.Read(kPid, {}, &rows));
  const std::string pid(rows.Text(0, 0));
  const auto killer = EndWhileItSleeps(pid);
  CHECK_OK(patient.Read(kSleep, Parameters{"1"}, &rows));
  CHECK_OK(patient.Read(kPid, {}, &rows));
  CHECK(pid != rows.Text(0, 0));
}

TEST(Postgres, AServerWithoutAFreeConnectionIsUnavailable) {
  const std::string conninfo = server.conninfo();
  server.Execute("CREATE ROLE guest LOGIN CONNECTION LIMIT 0");
  PgConnection guest("user=guest " + conninfo.substr(0, conninfo.find(" user=")) + " dbname=shop", kStatements,
                     kTimeout);
  CHECK_STATUS(StatusCode::kUnavailable, guest.Read(kPid, {}, &rows));
  server.Execute("DROP ROLE guest");
}

TEST(Postgres, AnAddressWhereNobodyListensIsUnavailable) {
  for (const char* conninfo :
       {"host=/nonexistent dbname=shop", "host=127.0.0.1 port=1 dbname=shop", "not a conninfo"}) {
    PgConnection other(conninfo, kStatements, kTimeout);
    CHECK_EQUAL_TEXT(StatusCode::kUnavailable, other.Read(kPid, {}, &rows).code(), conninfo);
  }
}

}  // namespace shop
