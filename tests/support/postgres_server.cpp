#include "tests/support/postgres_server.h"

#include <libpq-fe.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

#include "tests/support/wait_until.h"

namespace {

constexpr char kBinaries[] = "/usr/lib/postgresql/15/bin/";
constexpr char kUser[] = "postgres";

using Connection = std::unique_ptr<PGconn, void (*)(PGconn*)>;
using Result = std::unique_ptr<PGresult, void (*)(PGresult*)>;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void Run(const std::vector<std::string>& command, const std::string& log_path, const std::string& user) {
  ChildProcess process([&] { return RunProgram(command, log_path, user); });
  if (process.Wait(std::chrono::minutes(1)) != 0) {
    throw std::runtime_error(command[0] + " failed: " + ReadFile(log_path));
  }
}

std::vector<pid_t> ChildrenOf(pid_t pid) {
  const std::string number = std::to_string(pid);
  std::ifstream file("/proc/" + number + "/task/" + number + "/children");
  std::vector<pid_t> children;
  for (pid_t child = 0; file >> child;) children.push_back(child);
  return children;
}

std::string RunSql(const std::string& conninfo, const std::string& sql) {
  const Connection connection(PQconnectdb(conninfo.c_str()), PQfinish);
  if (PQstatus(connection.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
  const Result result(PQexec(connection.get(), sql.c_str()), PQclear);
  const ExecStatusType status = PQresultStatus(result.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY) return "";
  if (status != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

}  // namespace

PostgresServer::PostgresServer() {
  Initialize();
  Start();
  RunSql("host=" + folder_.path() + " user=shop dbname=postgres", "CREATE DATABASE shop");
}

PostgresServer::~PostgresServer() {
  Stop();
}

void PostgresServer::Initialize() {
  if (geteuid() == 0) {
    const passwd* user = getpwnam(kUser);
    if (user == nullptr || chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error("there is no user postgres: install postgresql-15");
    }
  }
  Run({std::string(kBinaries) + "initdb", "--pgdata", folder_.path() + "/data", "--username", "shop", "--auth", "trust",
       "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"},
      folder_.path() + "/initdb.log", kUser);
}

void PostgresServer::Stop() {
  if (!process_) return;
  Thaw();
  process_->Signal(SIGINT);  // Fast shutdown: ends the connections.
  process_->Wait();
  process_.reset();
}

void PostgresServer::Start() {
  if (process_) return Thaw();
  const std::vector<std::string> command = {std::string(kBinaries) + "postgres",
                                            "-D",
                                            folder_.path() + "/data",
                                            "-k",
                                            folder_.path(),
                                            "-c",
                                            "listen_addresses=",
                                            "-c",
                                            "fsync=off"};
  process_ =
      std::make_unique<ChildProcess>([&] { return RunProgram(command, folder_.path() + "/log", kUser); }, SIGQUIT);
  if (!WaitUntil([this] { return IsReady(); }, std::chrono::seconds(30))) {
    throw std::runtime_error("postgres does not start: " + ReadFile(folder_.path() + "/log"));
  }
}

void PostgresServer::BecomeStandby() {
  Stop();
  const std::ofstream standby(folder_.path() + "/data/standby.signal");
  Start();
}

bool PostgresServer::IsReady() const {
  return PQping(("host=" + folder_.path() + " user=shop dbname=postgres").c_str()) == PQPING_OK;
}

void PostgresServer::Freeze() {
  // First the process that starts the others, so that none is missed.
  process_->Signal(SIGSTOP);
  WaitUntil([this] { return StateOf(process_->pid()) == 'T'; });
  frozen_ = ChildrenOf(process_->pid());
  for (const pid_t child : frozen_) {
    kill(child, SIGSTOP);
    // 'Z' means that it has ended, and that the stopped server has not seen this yet.
    WaitUntil([child] { return std::string_view("TZ?").find(StateOf(child)) != std::string_view::npos; });
  }
}

void PostgresServer::Thaw() {
  for (const pid_t child : frozen_) kill(child, SIGCONT);
  frozen_.clear();
  process_->Signal(SIGCONT);
}

void PostgresServer::FlushAll() {
  Execute(
      "DO $$ DECLARE tables text; BEGIN"
      "  SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') INTO tables"
      "    FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations';"
      "  IF tables IS NOT NULL THEN EXECUTE 'TRUNCATE ' || tables || ' RESTART IDENTITY CASCADE'; END IF;"
      "END $$");
}

std::string PostgresServer::Execute(const std::string& sql) {
  return RunSql(conninfo(), sql);
}

void PostgresServer::Migrate() {
  if (is_migrated_) return;
  Run({"sql/migrate.sh", conninfo()}, folder_.path() + "/migrate.log", "");
  is_migrated_ = true;
}

PostgresServer& TestPostgres() {
  static PostgresServer server;
  return server;
}
