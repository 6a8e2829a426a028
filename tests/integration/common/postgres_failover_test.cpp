#include <chrono>
#include <string>

#include "tests/support/checks.h"
#include "tests/support/connection_cases.h"
#include "tests/support/postgres_server.h"
#include "tests/support/silent_port.h"
#include "workers/common/postgres.h"

namespace shop {
namespace {

using namespace std::chrono_literals;

constexpr auto kFailoverTimeout = 800ms;
constexpr auto kFailoverGrace = 250ms;

constexpr PgStatement kIsStandby{"is_standby", "SELECT pg_is_in_recovery()"};
constexpr PgStatement kFolder{"folder", "SELECT current_setting('unix_socket_directories')"};
constexpr PgStatement kTakeNoWrites{"take_no_writes",
                                    "SELECT set_config('default_transaction_read_only', 'on', false)"};
constexpr PgStatement kWrite{"write", "CREATE TABLE IF NOT EXISTS written ()"};
constexpr const PgStatement* kFailoverStatements[] = {&kIsStandby, &kFolder, &kTakeNoWrites, &kWrite};

}  // namespace

// A connection string with several hosts.
TEST_GROUP(PostgresFailover) {
  PostgresServer& server = TestPostgres();
  PgRows rows;

  void teardown() override {
    server.Start();
  }

  static std::string Conninfo(const std::string& hosts, const std::string& ports) {
    return "host=" + hosts + " port=" + ports + " user=shop dbname=shop";
  }

  Status Read(PgConnection & postgres, const PgStatement& statement = kIsStandby) {
    return postgres.Read(statement, {}, &rows);
  }
};

TEST(PostgresFailover, AHostThatDropsAllLeavesTimeForTheNext) {
  const SilentPort silent(SilentPort::Silence::kDropsAll);
  PgConnection postgres(Conninfo("127.0.0.1," + server.folder(), silent.port() + ",5432"), kFailoverStatements,
                        kFailoverTimeout);
  CheckTakesAtMost(kFailoverTimeout + kFailoverGrace, StatusCode::kOk, [&] { return Read(postgres); });
}

TEST(PostgresFailover, TwoHostsThatSayNothingLeaveTimeForTheThird) {
  const SilentPort drops(SilentPort::Silence::kDropsAll);
  const SilentPort accepts(SilentPort::Silence::kAcceptsAll);
  PgConnection postgres(
      Conninfo("127.0.0.1,127.0.0.1," + server.folder(), drops.port() + "," + accepts.port() + ",5432"),
      kFailoverStatements, kFailoverTimeout);
  CheckTakesAtMost(kFailoverTimeout + kFailoverGrace, StatusCode::kOk, [&] { return Read(postgres); });
}

TEST(PostgresFailover, TheNextConnectionBeginsWithTheHostThatWasGoodLast) {
  const SilentPort silent(SilentPort::Silence::kAcceptsAll);
  PgConnection postgres(Conninfo("127.0.0.1," + server.folder(), silent.port() + ",5432"), kFailoverStatements,
                        kFailoverTimeout);
  CHECK_OK(Read(postgres));
  CHECK_EQUAL(1, silent.TakeConnections());
  postgres.Disconnect();
  CHECK_OK(Read(postgres));
  CHECK_EQUAL(0, silent.TakeConnections());
  server.Stop();
  CHECK_STATUS(StatusCode::kUnavailable, Read(postgres));  // Now the other one is asked again.
  CHECK_EQUAL(1, silent.TakeConnections());
}

TEST(PostgresFailover, WithoutAGoodHostEachIsToldOfInTime) {
  const SilentPort silent(SilentPort::Silence::kAcceptsAll);
  PgConnection postgres(Conninfo("127.0.0.1,127.0.0.1", silent.port() + ",1"), kFailoverStatements, kFailoverTimeout);
  Status status;
  CheckTakesAtMost(kFailoverTimeout + kFailoverGrace, StatusCode::kUnavailable,
                   [&] { return status = Read(postgres); });
  STRCMP_CONTAINS("connect: no answer in time", status.detail().c_str());
  STRCMP_CONTAINS("port 1 failed: Connection refused", status.detail().c_str());
}

// At 127.0.0.2 nobody listens.
TEST(PostgresFailover, EachAddressIsTriedOnce) {
  const SilentPort silent(SilentPort::Silence::kAcceptsAll);
  PgConnection postgres("hostaddr=127.0.0.2,127.0.0.1 port=" + silent.port() + " user=shop dbname=shop",
                        kFailoverStatements, kFailoverTimeout);
  const Status status = Read(postgres);
  CHECK_STATUS(StatusCode::kUnavailable, status);
  STRCMP_CONTAINS("127.0.0.2", status.detail().c_str());
  CHECK_EQUAL(1, silent.TakeConnections());
}

TEST(PostgresFailover, AStandbyIsPassedOverWhereWritesAreWanted) {
  PostgresServer standby;
  standby.BecomeStandby();
  const std::string hosts = Conninfo(standby.folder() + "," + server.folder(), "5432");
  PgConnection any(hosts, kFailoverStatements, kFailoverTimeout);
  CHECK_OK(Read(any));
  CHECK_EQUAL(std::string_view("t"), rows.Text(0, 0));
  for (const char* attribute : {"read-write", "primary"}) {
    PgConnection writable(hosts + " target_session_attrs=" + attribute, kFailoverStatements, kFailoverTimeout);
    CHECK_OK(Read(writable, kFolder));
    CHECK_EQUAL(std::string_view(server.folder()), rows.Text(0, 0));
  }
}

TEST(PostgresFailover, AfterARefusedWriteTheNextOneConnectsAnew) {
  PgConnection postgres(Conninfo(server.folder(), "5432"), kFailoverStatements, kFailoverTimeout);
  CHECK_OK(Read(postgres, kTakeNoWrites));
  const Status refused = postgres.Write(kWrite, {}, &rows);
  CHECK(refused.is_read_only());
  CHECK_OK(postgres.Write(kWrite, {}, &rows));
}

TEST(PostgresFailover, AStandbyAloneIsUnavailableWhereWritesAreWanted) {
  PostgresServer standby;
  standby.BecomeStandby();
  PgConnection postgres(Conninfo(standby.folder(), "5432") + " target_session_attrs=read-write", kFailoverStatements,
                        kFailoverTimeout);
  const Status status = Read(postgres);
  CHECK_STATUS(StatusCode::kUnavailable, status);
  STRCMP_CONTAINS("session is read-only", status.detail().c_str());
}

}  // namespace shop
