// One PostgreSQL connection with its prepared statements. postgres.cpp alone knows libpq.

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

#include "workers/common/status.h"

struct pg_conn;
struct pg_result;

namespace shop {

struct PgStatement {
  const char* name;
  const char* sql;
};

// The rows of a statement. Texts point into it.
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

// What `conninfo` must be, the manual, section 34.1.1; empty if it is. Nothing of it is shown: what is wrong about it
// may be a piece of a password, which belongs into a file, and so libpq's own words are not for the log.
std::string ConninfoError(const std::string& conninfo);

// Connects when it is first needed, prepares all of `statements` then, and connects anew after the connection was lost.
// Each statement has one plan for all parameters, which suits those that go by key. Nothing waits longer than the
// timeout, be the server slow, frozen or gone.
class PgConnection {
 public:
  using Parameter = std::optional<std::string>;  // Nothing is NULL.

  // `conninfo` without a ConninfoError. `statements` must outlive the connection. The server
  // ends a statement after `timeout`; this side waits a little longer for its answer, so that usually it is the server
  // who says that nothing was written. Each lock that a statement needs it waits for only as long as `lock_timeout`;
  // zero is for no limit but `timeout`.
  PgConnection(std::string conninfo, std::span<const PgStatement* const> statements, std::chrono::milliseconds timeout,
               std::chrono::milliseconds lock_timeout = {});

  bool IsConnected() const { return connection_ != nullptr; }

  // Ends the session, with all its locks, whatever it is at; the next call begins a new one.
  void Disconnect() { connection_.reset(); }

  // Runs a statement that only reads; once more, on a new connection, if the connection turns out to be lost.
  // kUnavailable if the server cannot be reached or does not answer in time. kLocked: the time for a lock ran out.
  Status Read(const PgStatement& statement, std::span<const Parameter> parameters, PgRows* rows);

  // Runs a statement that writes, as one transaction, once; on a new connection if the server has ended this one since
  // it was last used. kUnavailable: nothing was written. kLocked: nothing was written, the time for a lock ran out.
  // kAlreadyExists: nothing was written, the message names the unique constraint. kUnknownOutcome: the connection was
  // lost, or the time ran out, after the statement had been sent.
  Status Write(const PgStatement& statement, std::span<const Parameter> parameters, PgRows* rows);

 private:
  using Clock = std::chrono::steady_clock;
  using Connection = std::unique_ptr<pg_conn, void (*)(pg_conn*)>;

  Status Connect();
  Status FinishConnecting(Clock::time_point deadline);
  Status PrepareStatements(Clock::time_point deadline);
  Status Run(const PgStatement& statement, std::span<const Parameter> parameters, PgRows* rows);
  Status ReadResult(Clock::time_point deadline, PgRows::Result* result);
  Status Lost(std::string_view what);

  std::string conninfo_;
  std::span<const PgStatement* const> statements_;
  std::chrono::milliseconds timeout_;
  std::chrono::milliseconds lock_timeout_;
  Connection connection_;
};

}  // namespace shop

#endif  // WORKERS_COMMON_POSTGRES_H_
