#ifndef TESTS_SUPPORT_POSTGRES_SERVER_H_
#define TESTS_SUPPORT_POSTGRES_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/temp_folder.h"

// A PostgreSQL of the tests' own with an empty database "shop", on a unix socket in a folder of its own. It runs as
// Debian's user postgres if the tests run as root, which PostgreSQL refuses to be.
class PostgresServer {
 public:
  // Started already.
  PostgresServer();
  ~PostgresServer();

  // For PgConnection and libpq.
  std::string conninfo() const { return "host=" + folder_.path() + " user=shop dbname=shop"; }

  // Ends the server and every connection, as a restart of the service would; the data stay.
  void Stop();

  // Returns when it answers. Nothing if it runs. Thaws it if it is frozen.
  void Start();

  // SIGSTOP to the server and all its backends: connections stay, connecting works, no answer comes.
  void Freeze();
  void Thaw();

  // Empties every table in the schema public, but for the list of migrations.
  void FlushAll();

  // Runs SQL, several statements even, on a connection of its own. Gives the first value of the last one's rows, or
  // "". Throws std::runtime_error with the server's message if it fails.
  std::string Execute(const std::string& sql);

  // Brings the database to the shop's schema with sql/migrate.sh, once. From the project's folder.
  void Migrate();

 private:
  void Initialize();
  bool IsReady() const;

  TempFolder folder_;
  std::unique_ptr<ChildProcess> process_;
  std::vector<pid_t> frozen_;
  bool is_migrated_ = false;
};

// The one server of this test binary, started at the first call and stopped at the end. A test that stops or freezes
// it calls Start() in its teardown.
PostgresServer& TestPostgres();

#endif  // TESTS_SUPPORT_POSTGRES_SERVER_H_
