#include "workers/common/postgres.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace shop {
namespace {

constexpr std::chrono::milliseconds kAnswerGrace{250};

// A statement by key has one good plan: along its index. By default PostgreSQL would plan it again for each call if it
// cannot estimate a LIMIT; and while a table is small it would read the whole table, and would keep that plan when the
// table has grown, until it is analyzed again.
constexpr char kPlanning[] =
    "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c jit=off";

constexpr std::string_view kPostgres = "postgres";  // In a request's trace.

// SQLSTATEs, the PostgreSQL manual, appendix A.
constexpr std::string_view kUniqueViolation = "23505";
constexpr std::string_view kLockNotAvailable = "55P03";  // Also for lock_timeout. The statement was rolled back.
constexpr std::string_view kReadOnlyTransaction = "25006";
// Classes and codes of a server that refuses or gives up for now: the statement was rolled back.
constexpr std::string_view kTransient[] = {
    "53",     // insufficient resources: disk full, too many connections
    "40001",  // serialization failure
    "40P01",  // deadlock
    "57014",  // canceled: statement_timeout
};

std::string Trimmed(const char* message) {
  std::string text = message != nullptr ? message : "";
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

using ConninfoOptions = std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)>;

// Null if it is no connection string.
ConninfoOptions ParseConninfo(const std::string& conninfo) {
  return {PQconninfoParse(conninfo.c_str(), nullptr), PQconninfoFree};
}

std::string_view ValueOf(const ConninfoOptions& options, std::string_view keyword) {
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->keyword == keyword && option->val != nullptr) return option->val;
  }
  return "";
}

std::optional<std::vector<PgHost>> HostsOf(const ConninfoOptions& options) {
  return ParsePgHosts(ValueOf(options, "host"), ValueOf(options, "hostaddr"), ValueOf(options, "port"));
}

// Of a string that has a ConninfoError, libpq will say so when it connects.
std::vector<PgHost> HostsOf(const std::string& conninfo) {
  const ConninfoOptions options = ParseConninfo(conninfo);
  return (options ? HostsOf(options) : std::nullopt).value_or(std::vector<PgHost>(1));
}

std::string_view ErrorField(const PGresult* result, int field) {
  const char* value = PQresultErrorField(result, field);
  return value != nullptr ? value : "";
}

// Whether the server ends the connection with this message: what it had done by then is unknown.
bool EndsConnection(const PGresult* result) {
  return ErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED) != "ERROR";
}

Status StatusOf(const PGresult* result) {
  const ExecStatusType type = PQresultStatus(result);
  if (type == PGRES_COMMAND_OK || type == PGRES_TUPLES_OK) return Status::Ok();
  const std::string_view sqlstate = ErrorField(result, PG_DIAG_SQLSTATE);
  const std::string detail = "postgres: " + Trimmed(PQresultErrorMessage(result));
  if (EndsConnection(result)) return Status::UnknownOutcome(detail);
  if (sqlstate == kUniqueViolation) {
    return Status::AlreadyExists(std::string(ErrorField(result, PG_DIAG_CONSTRAINT_NAME)));
  }
  if (sqlstate == kLockNotAvailable) return Status::Locked(detail);
  if (sqlstate == kReadOnlyTransaction) return Status::ReadOnly(detail);
  const bool transient = std::any_of(std::begin(kTransient), std::end(kTransient),
                                     [&](std::string_view prefix) { return sqlstate.starts_with(prefix); });
  return transient ? Status::Unavailable(detail) : Status::Unexpected(detail);
}

// Waits until the socket of `connection` is ready for `events`; false if the deadline passes first.
bool WaitForSocket(PGconn* connection, short events, std::chrono::steady_clock::time_point deadline) {
  pollfd socket{PQsocket(connection), events, 0};
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    const int ready = poll(&socket, 1, static_cast<int>(std::max<long>(left, 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

// Whether an idle connection can no longer be used. A server says nothing unasked, except that it ends the connection.
bool HasEnded(PGconn* connection) {
  return PQstatus(connection) != CONNECTION_OK || WaitForSocket(connection, POLLIN, {});
}

}  // namespace

int PgRows::size() const {
  return PQntuples(result_.get());
}

bool PgRows::IsNull(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view PgRows::Text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column), static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}

// The manual, section 8.15.2: double quotes may enclose any characters; a backslash precedes quotes and backslashes.
std::string PgArray(std::span<const std::string> values) {
  std::string array = "{";
  for (const std::string& value : values) {
    if (array.size() > 1) array.push_back(',');
    array.push_back('"');
    for (const char c : value) {
      if (c == '"' || c == '\\') array.push_back('\\');
      array.push_back(c);
    }
    array.push_back('"');
  }
  array.push_back('}');
  return array;
}

std::string ConninfoError(const std::string& conninfo) {
  const ConninfoOptions options = ParseConninfo(conninfo);
  if (!options) return "a libpq connection string";
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    const bool is_password = std::string_view(option->keyword).ends_with("password");
    if (is_password && option->val != nullptr)
      return "without a password: that belongs into the file that passfile= names";
  }
  return HostsOf(options) ? "" : "with as many ports as hosts, or one port, and with no host left empty";
}

PgConnection::PgConnection(std::string conninfo, std::span<const PgStatement* const> statements,
                           std::chrono::milliseconds timeout, std::chrono::milliseconds lock_timeout)
    : conninfo_(std::move(conninfo)),
      hosts_(HostsOf(conninfo_)),
      statements_(statements),
      timeout_(timeout),
      lock_timeout_(lock_timeout),
      connection_(nullptr, PQfinish) {}

Status PgConnection::Read(const PgStatement& statement, std::span<const Parameter> parameters, PgRows* rows) {
  const bool was_connected = connection_ != nullptr;
  const auto start = Clock::now();
  Status status = Run(statement, parameters, rows);
  // A restart of the server since the last statement shows only now. A server that gave no answer in time is not asked
  // again: the client has waited long enough.
  const bool timed_out = Clock::now() - start >= timeout_;
  if (status.Is(StatusCode::kUnknownOutcome) && was_connected && !timed_out) status = Run(statement, parameters, rows);
  return status.Is(StatusCode::kUnknownOutcome) ? Status::Unavailable(status.detail()) : status;
}

Status PgConnection::Write(const PgStatement& statement, std::span<const Parameter> parameters, PgRows* rows) {
  if (connection_ && HasEnded(connection_.get())) connection_.reset();
  Status status = Run(statement, parameters, rows);
  if (status.is_read_only()) Disconnect();  // A standby now. Another host may have become the primary.
  return status;
}

Status PgConnection::Run(const PgStatement& statement, std::span<const Parameter> parameters, PgRows* rows) {
  if (Status status = Connect(); !status.ok()) return status;
  const StoreCall call(trace_, kPostgres, statement.name);
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const Parameter& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
  const auto deadline = Clock::now() + timeout_ + kAnswerGrace;
  if (PQsendQueryPrepared(connection_.get(), statement.name, static_cast<int>(values.size()), values.data(), nullptr,
                          nullptr, 0) == 0) {
    return Lost("send");
  }
  PgRows::Result result(nullptr, PQclear);
  if (Status status = ReadResult(deadline, &result); !status.ok()) return status;
  Status status = StatusOf(result.get());
  *rows = PgRows(std::move(result));
  return status;
}

// Reads the one result of what was sent. If not ok, the connection is gone.
Status PgConnection::ReadResult(Clock::time_point deadline, PgRows::Result* result) {
  // First sends the rest, if the statement was too large for the socket's buffer.
  for (int more = 0; (more = PQflush(connection_.get())) != 0;) {
    if (more < 0) return Lost("send");
    if (!WaitForSocket(connection_.get(), POLLOUT, deadline)) return Lost("not taken in time");
  }
  for (;;) {
    while (PQisBusy(connection_.get()) != 0) {
      if (!WaitForSocket(connection_.get(), POLLIN, deadline)) return Lost("no answer in time");
      if (PQconsumeInput(connection_.get()) == 0) return Lost("receive");
    }
    PGresult* next = PQgetResult(connection_.get());
    if (next == nullptr) break;
    result->reset(next);
  }
  return *result ? Status::Ok() : Lost("no result");
}

Status PgConnection::Lost(std::string_view what) {
  Status status =
      Status::UnknownOutcome("postgres: " + std::string(what) + ": " + Trimmed(PQerrorMessage(connection_.get())));
  connection_.reset();
  return status;
}

Status PgConnection::Connect() {
  if (connection_) return Status::Ok();
  const StoreCall call(trace_, kPostgres, "connect");
  const auto deadline = Clock::now() + timeout_;
  const std::vector<PgHost> hosts = HostsToTry();
  std::string details;
  for (size_t i = 0; i < hosts.size(); ++i) {
    const auto now = Clock::now();
    Status status = ConnectTo(hosts[i], now + (deadline - now) / static_cast<int64_t>(hosts.size() - i));
    if (status.ok()) last_good_ = hosts[i];
    // Another host would have the same to say about a statement that is wrong.
    if (status.ok() || status.Is(StatusCode::kUnexpected)) return status;
    details += (i > 0 ? "; " : "") + status.detail();
  }
  return Status::Unavailable(details);
}

// Asks for the addresses each time: a name may have another one meanwhile.
std::vector<PgHost> PgConnection::HostsToTry() const {
  std::vector<PgHost> hosts = WithAddresses(hosts_);
  std::rotate(hosts.begin(), std::find(hosts.begin(), hosts.end(), last_good_), hosts.end());
  return hosts;
}

Status PgConnection::ConnectTo(const PgHost& host, Clock::time_point deadline) {
  StartConnecting(host);
  Status status = FinishConnecting(deadline);
  if (status.ok()) status = PrepareStatements(deadline);
  if (!status.ok()) connection_.reset();
  return status;
}

void PgConnection::StartConnecting(const PgHost& host) {
  const std::string options = std::string(kPlanning) + " -c statement_timeout=" + std::to_string(timeout_.count()) +
                              " -c lock_timeout=" + std::to_string(lock_timeout_.count());
  // The later ones replace what is in the connection string, unless they are empty.
  const char* const keywords[] = {"dbname", "host", "hostaddr", "port", "client_encoding", "options", nullptr};
  const char* const values[] = {
      conninfo_.c_str(), host.host.c_str(), host.hostaddr.c_str(), host.port.c_str(), "UTF8", options.c_str(), nullptr};
  connection_ = Connection(PQconnectStartParams(keywords, values, 1), PQfinish);
}

Status PgConnection::FinishConnecting(Clock::time_point deadline) {
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;  // The state to begin with, section 34.2.
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED || PQstatus(connection_.get()) == CONNECTION_BAD) return Lost("connect");
    if (!WaitForSocket(connection_.get(), next == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline)) {
      return Lost("connect: no answer in time");
    }
    next = PQconnectPoll(connection_.get());
  }
  // Nothing acts on a warning, and libpq would write it to standard error.
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  PQsetnonblocking(connection_.get(), 1);  // Otherwise sending something large could wait for ever.
  return Status::Ok();
}

Status PgConnection::PrepareStatements(Clock::time_point deadline) {
  for (const PgStatement* statement : statements_) {
    if (PQsendPrepare(connection_.get(), statement->name, statement->sql, 0, nullptr) == 0) return Lost("prepare");
    PgRows::Result result(nullptr, PQclear);
    if (Status status = ReadResult(deadline, &result); !status.ok()) return status;
    if (Status status = StatusOf(result.get()); !status.ok()) return status;
  }
  return Status::Ok();
}

}  // namespace shop
