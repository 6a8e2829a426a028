#ifndef TESTS_SUPPORT_POSTGRES_SERVER_H_
#define TESTS_SUPPORT_POSTGRES_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/temp_folder.h"

// A PostgreSQL for the tests, with an empty database "shop", on a unix socket in a folder of its own. If the tests run
// as root, it runs as Debian's user postgres, because PostgreSQL refuses to run as root.
class PostgresServer {
 public:
  // Starts the server.
  PostgresServer();
  ~PostgresServer();

  // The folder of its unix socket.
  const std::string& folder() const { return folder_.path(); }

  // The connection string, for PgConnection and libpq.
  std::string conninfo() const { return "host=" + folder_.path() + " user=shop dbname=shop"; }

  // Ends the server and every connection, as a restart of the service would. The data stay.
  void Stop();

  // Starts the server if it does not run, thaws it if it is frozen, and returns when it answers.
  void Start();

  // Starts the server again, as a standby from now on: it takes no writes.
  void BecomeStandby();

  // Sends SIGSTOP to the server and all its backends: connections stay, connecting works, no answer comes.
  void Freeze();
  void Thaw();

  // Empties every table in the schema public, except the list of migrations.
  void FlushAll();

  // Runs SQL, one or several statements, on a connection of its own. Gives the first value of the last statement's
  // rows, or "". Throws std::runtime_error with the server's message if it fails.
  std::string Execute(const std::string& sql);

  // Brings the database to the shop's schema with sql/migrate.sh, once. The working directory must be the project's.
  void Migrate();

 private:
  void Initialize();
  bool IsReady() const;

  TempFolder folder_;
  std::unique_ptr<ChildProcess> process_;
  std::vector<pid_t> frozen_;
  bool is_migrated_ = false;
};

// The one server of this test program: it starts at the first call and stops at the end. A test that stops or freezes
// it must call Start() in its teardown.
PostgresServer& TestPostgres();

#endif  // TESTS_SUPPORT_POSTGRES_SERVER_H_
