// One PostgreSQL connection with its prepared statements. Only postgres.cpp uses libpq.

#ifndef WORKERS_COMMON_POSTGRES_H_
#define WORKERS_COMMON_POSTGRES_H_

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workers/common/postgres_hosts.h"
#include "workers/common/request_trace.h"
#include "workers/common/status.h"

struct pg_conn;
struct pg_result;

namespace shop {

struct PgStatement {
  const char* name;
  const char* sql;
};

// The rows that a statement returns. Texts point into this object.
class PgRows {
 public:
  PgRows() : result_(nullptr, nullptr) {}

  int size() const;
  bool IsNull(int row, int column) const;

  // The value in PostgreSQL's text form; empty for NULL.
  std::string_view Text(int row, int column) const;

 private:
  friend class PgConnection;
  using Result = std::unique_ptr<pg_result, void (*)(pg_result*)>;

  explicit PgRows(Result result) : result_(std::move(result)) {}

  Result result_;
};

// `values` as the text form of a PostgreSQL array, for one parameter of a statement.
std::string PgArray(std::span<const std::string> values);

// What `conninfo` must be (the manual, section 34.1.1), in words; empty if `conninfo` is that. The words show no part
// of `conninfo`, and so are not libpq's own: a wrong part may be a piece of a password. Passwords belong in a file.
std::string ConninfoError(const std::string& conninfo);

// Connects at the first call and prepares all of `statements` then; connects again after the connection was lost. Each
// statement has one plan for all parameters, which suits statements that go by key. No wait is longer than the timeout
// and a little, whether the server is slow, frozen or gone.
//
// The connection string may name several hosts, and a name may have several addresses. They are tried in turn, and the
// time for connecting is divided among them, so that one that says nothing leaves time for the others. (libpq has no
// such limit for a connection that is made step by step.) The next connection begins with the host that was good last.
// With target_session_attrs=read-write a server that takes no writes is passed over.
class PgConnection {
 public:
  using Parameter = std::optional<std::string>;  // Nothing is NULL.

  // `conninfo` must have no ConninfoError. `statements` must outlive the connection. The server ends a statement after
  // `timeout`. This side waits a little longer for the answer, so that it is usually the server that says that nothing
  // was written. A statement waits for each lock no longer than `lock_timeout`; zero: no limit except `timeout`.
  PgConnection(std::string conninfo, std::span<const PgStatement* const> statements, std::chrono::milliseconds timeout,
               std::chrono::milliseconds lock_timeout = {});

  // From now on the time of each statement is added to `trace`, which must outlive the connection.
  void set_trace(RequestTrace* trace) { trace_ = trace; }

  bool IsConnected() const { return connection_ != nullptr; }

  // Ends the session and all its locks, whatever state it is in. The next call begins a new one.
  void Disconnect() { connection_.reset(); }

  // Runs a statement that only reads. If the connection turns out to be lost, runs it once more, on a new one.
  // kUnavailable: the server cannot be reached or does not answer in time. kLocked: the time for a lock ran out.
  Status Read(const PgStatement& statement, std::span<const Parameter> parameters, PgRows* rows);

  // Runs a statement that writes, once, as one transaction. Uses a new connection if the server has ended this one
  // since its last use. kUnavailable: nothing was written. After one that is_read_only(), too, the next call connects
  // anew. kLocked: nothing was written, the time for a lock ran out.
  // kAlreadyExists: nothing was written, the message names the unique constraint. kUnknownOutcome: the connection was
  // lost, or the time ran out, after the statement had been sent.
  Status Write(const PgStatement& statement, std::span<const Parameter> parameters, PgRows* rows);

 private:
  using Clock = std::chrono::steady_clock;
  using Connection = std::unique_ptr<pg_conn, void (*)(pg_conn*)>;

  Status Connect();
  std::vector<PgHost> HostsToTry() const;
  Status ConnectTo(const PgHost& host, Clock::time_point deadline);
  void StartConnecting(const PgHost& host);
  Status FinishConnecting(Clock::time_point deadline);
  Status PrepareStatements(Clock::time_point deadline);
  Status Run(const PgStatement& statement, std::span<const Parameter> parameters, PgRows* rows);
  Status ReadResult(Clock::time_point deadline, PgRows::Result* result);
  Status Lost(std::string_view what);

  std::string conninfo_;
  std::vector<PgHost> hosts_;
  PgHost last_good_;
  std::span<const PgStatement* const> statements_;
  std::chrono::milliseconds timeout_;
  std::chrono::milliseconds lock_timeout_;
  RequestTrace* trace_ = nullptr;
  Connection connection_;
};

}  // namespace shop

#endif  // WORKERS_COMMON_POSTGRES_H_
