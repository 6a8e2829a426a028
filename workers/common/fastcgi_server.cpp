#include "workers/common/fastcgi_server.h"

#include <fastcgi.h>
#include <fcgiapp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "workers/common/body_size.h"
#include "workers/common/error_response.h"
#include "workers/common/fault_point.h"
#include "workers/common/integer.h"
#include "workers/common/log_fields.h"

namespace shop {
namespace {

constexpr int kListenFd = 0;

// How long a peer may at least take to send its request, and to take its answer. nginx needs less: it has the whole
// request before it connects, and room for the answer.
constexpr int kPeerSeconds = 5;

// How long a worker that must end answers those that wait. It is longer than the queue of a socket that nobody can
// reach any more may take. Where other workers go on accepting, a loaded queue is never empty, and the supervisor does
// not wait for ever.
constexpr std::chrono::seconds kDrainTime{10};

volatile std::sig_atomic_t stopping = 0;
volatile std::sig_atomic_t timed_connection = -1;
volatile std::sig_atomic_t end_of_peer_time = 0;  // On the clock of ClockSeconds().
volatile std::sig_atomic_t is_alarm_set = 0;
volatile std::sig_atomic_t peer_was_late = 0;

// Of a clock that nobody sets. A signal handler may call this, signal-safety(7).
int ClockSeconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<int>(now.tv_sec);
}

void SetAlarm(int seconds) {
  is_alarm_set = 1;
  alarm(static_cast<unsigned>(seconds));
}

// From now on libfcgi reads the end of the connection, and its writes fail.
void HangUp() {
  const int saved_errno = errno;
  peer_was_late = 1;
  shutdown(timed_connection, SHUT_RDWR);
  errno = saved_errno;
}

// The alarm may be that of an earlier peer: then the one at hand has some time left.
void HandleAlarm(int) {
  is_alarm_set = 0;
  if (timed_connection < 0) return;
  const int left = end_of_peer_time - ClockSeconds();
  if (left > 0) {
    SetAlarm(left);
  } else {
    HangUp();
  }
}

// The peer's time runs while this object lives. It is one limit for all that is read, or all that is written: with a
// limit for each read or write, a peer could go on for ever, a byte at a time. To set an alarm takes most of a
// microsecond. So one is set every few seconds, not for each peer.
class PeerTime {
 public:
  explicit PeerTime(int connection) {
    end_of_peer_time = ClockSeconds() + kPeerSeconds + 1;  // The second that has begun does not count.
    timed_connection = connection;
    if (!is_alarm_set) SetAlarm(kPeerSeconds + 1);
  }
  ~PeerTime() { timed_connection = -1; }
  PeerTime(const PeerTime&) = delete;
  PeerTime& operator=(const PeerTime&) = delete;
};

void HandleSignals() {
  struct sigaction action {};
  action.sa_handler = [](int) { stopping = 1; };
  action.sa_flags = SA_RESTART;  // libfcgi takes an interrupted read for a lost connection.
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGUSR1, &action, nullptr);
  action.sa_handler = HandleAlarm;
  sigaction(SIGALRM, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

// With a time limit accept(2) is not restarted after a signal, signal(7). If a signal comes just before accept(2)
// begins, accept(2) ends with the limit, and the signal is seen then.
bool LimitAccept() {
  constexpr timeval kLimit{1, 0};
  return setsockopt(kListenFd, SOL_SOCKET, SO_RCVTIMEO, &kLimit, sizeof kLimit) == 0;
}

// A connection over TCP has its listener's limit, so reading would end with it. One over a unix socket has not, and is
// spared the system call.
void LiftLimit(int connection) {
  static const bool is_unix = [] {
    int domain = 0;
    socklen_t size = sizeof domain;
    return getsockopt(kListenFd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
  }();
  constexpr timeval kNone{0, 0};
  if (!is_unix && setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &kNone, sizeof kNone) != 0)
    throw std::system_error(errno, std::generic_category(), "setsockopt");
}

bool IsListening(int fd) {
  int listening = 0;
  socklen_t size = sizeof listening;
  return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0;
}

bool IsConnectionWaiting() {
  pollfd listener{kListenFd, POLLIN, 0};
  return poll(&listener, 1, 0) > 0;
}

// Its time begins with the first call.
bool IsDrained() {
  using Clock = std::chrono::steady_clock;
  static const Clock::time_point end = Clock::now() + kDrainTime;
  return Clock::now() >= end || !IsConnectionWaiting();
}

// The next connection; nothing when the process must stop, and the queue is empty or its time is over.
std::optional<int> AcceptConnection() {
  while (!stopping || !IsDrained()) {
    const int fd = accept4(kListenFd, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      LiftLimit(fd);
      return fd;
    }
    if (errno != EINTR && errno != EAGAIN && errno != ECONNABORTED)
      throw std::system_error(errno, std::generic_category(), "accept");
  }
  return std::nullopt;
}

// A character of a parameter's name, as it is in the header's name. std::tolower would depend on the locale.
char ToHeaderCharacter(char c) {
  if (c == '_') return '-';
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view ParameterOf(const FCGX_Request& request, const char* name) {
  const char* value = FCGX_GetParam(name, request.envp);
  return value != nullptr ? value : "";
}

// The parameters HTTP_IDEMPOTENCY_KEY and the like, RFC 3875 section 4.1.18, as idempotency-key. A parameter may come
// several times; FCGX_GetParam would find only one of its values.
HttpHeaders Headers(const FCGX_Request& request) {
  constexpr std::string_view kPrefix = "HTTP_";
  HttpHeaders headers;
  headers.reserve(8);  // Most requests have fewer.
  for (char** entry = request.envp; *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    if (!text.starts_with(kPrefix)) continue;
    text.remove_prefix(kPrefix.size());
    const size_t equals = text.find('=');
    std::string& name = headers.emplace_back(text.substr(0, equals), text.substr(equals + 1)).first;
    std::transform(name.begin(), name.end(), name.begin(), ToHeaderCharacter);
  }
  return headers;
}

Status ReadBody(const FCGX_Request& fcgi, std::string* body) {
  const std::string_view content_length = ParameterOf(fcgi, "CONTENT_LENGTH");
  const auto size = content_length.empty() ? 0 : ParseInteger<size_t>(content_length);
  if (!size) return Status::BadRequest("The Content-Length is malformed.");
  if (*size > kMaxBodySize) return Status::PayloadTooLarge();
  body->resize(*size);
  const int got = FCGX_GetStr(body->data(), static_cast<int>(*size), fcgi.in);
  if (got != static_cast<int>(*size)) return Status::BadRequest("The body is shorter than its Content-Length.");
  // Reads to the end of the stream: nothing may be left unread when the connection is closed.
  if (FCGX_GetChar(fcgi.in) != EOF) return Status::BadRequest("The body is longer than its Content-Length.");
  return Status::Ok();
}

Status ReadRequest(const FCGX_Request& fcgi, HttpRequest* request) {
  request->method = ParameterOf(fcgi, "REQUEST_METHOD");
  const std::string_view target = ParameterOf(fcgi, "REQUEST_URI");
  const size_t question_mark = std::min(target.find('?'), target.size());
  request->path = target.substr(0, question_mark);
  request->query = target.substr(std::min(question_mark + 1, target.size()));
  request->headers = Headers(fcgi);
  request->client = ParameterOf(fcgi, "REMOTE_USER");  // RFC 3875 section 4.1.11. No header can become this parameter.
  return ReadBody(fcgi, &request->body);
}

// The head of a CGI response, RFC 3875 section 6.
std::string Head(const HttpResponse& response) {
  std::string text;
  text.reserve(256);  // Most heads fit.
  text.append("Status: ");
  AppendInteger(response.status, &text);
  text.append(" ").append(ReasonPhrase(response.status));
  if (response.status != 204 && response.status != 304) {  // Those have no content, RFC 9110 section 8.6.
    text.append("\r\nContent-Type: application/json\r\nContent-Length: ");
    AppendInteger(static_cast<int64_t>(response.body.size()), &text);
  }
  for (const auto& [name, value] : response.headers) text.append("\r\n").append(name).append(": ").append(value);
  text.append("\r\n\r\n");
  return text;
}

void Put(std::string_view text, FCGX_Stream* stream) {
  FCGX_PutStr(text.data(), static_cast<int>(text.size()), stream);
}

// False if no request came, or only a part of one, or one that is not for a responder.
bool ReceiveRequest(int connection, FCGX_Request* fcgi, HttpRequest* request, Status* status) {
  const PeerTime time(connection);
  // libfcgi reads the request from this connection if the connection is set and marked to be kept. If no request comes
  // on it, or it is gone already, libfcgi tries to accept another one, and fails for lack of a listening socket.
  fcgi->ipcFd = connection;
  fcgi->keepConnection = 1;
  // Detached, libfcgi just closes the connection in the end. Else it would first wait until the other side closes it,
  // too. Waiting protects an answer on a TCP connection with unread data; this is a unix socket.
  FCGX_Detach(fcgi);
  // libfcgi takes a fault in the parameters for their end, and FCGX_GetError tells.
  if (FCGX_Accept_r(fcgi) != 0 || FCGX_GetError(fcgi->in) != 0 || fcgi->role != FCGI_RESPONDER) return false;
  *status = ReadRequest(*fcgi, request);
  return FCGX_GetError(fcgi->in) == 0 && peer_was_late == 0;
}

void SendAnswer(int connection, const HttpResponse& response, bool with_body, FCGX_Request* fcgi) {
  const PeerTime time(connection);
  Put(Head(response), fcgi->out);
  if (with_body) Put(response.body, fcgi->out);
  FCGX_Finish_r(fcgi);
}

void LogIfSlow(const HttpRequest& request, int answered, const RequestTrace& trace, const Logger& logger) {
  if (!trace.IsSlow()) return;
  const std::string message = request.method + " " + request.path + " " + std::to_string(answered) + " was slow";
  logger.Log(events::kRequestSlow, message, [&](JsonWriter* json) {
    WriteRequestFields(request, answered, json);
    trace.WriteFields(json);
  });
}

void ServeConnection(int connection, FCGX_Request* fcgi, const RequestHandler& handle, RequestTrace* trace,
                     Logger* logger) {
  // The connection ends with its request, whether or not the peer wants to keep it.
  const std::unique_ptr<FCGX_Request, void (*)(FCGX_Request*)> closed_in_the_end(
      fcgi, [](FCGX_Request* request) { FCGX_Free(request, 1); });
  peer_was_late = 0;
  trace->Begin();
  const auto accepted = std::chrono::system_clock::now();
  HttpRequest request;
  Status status;
  if (ReceiveRequest(connection, fcgi, &request, &status)) {
    trace->SetQueued(ParameterOf(*fcgi, "SENT_AT"), accepted);
    trace->End(RequestTrace::kReceive);
    logger->set_request_id(request.Header("x-request-id").value_or(""));
    HttpResponse response = status.ok() ? handle(request) : ErrorResponse(status);
    FaultPoint("before answer");
    trace->End(RequestTrace::kHandle);
    response.headers.emplace_back("X-Took", std::to_string(trace->Worked().count()));
    SendAnswer(connection, response, request.method != "HEAD", fcgi);
    trace->End(RequestTrace::kAnswer);
    LogIfSlow(request, response.status, *trace, *logger);
  }
  if (peer_was_late != 0) logger->Log(events::kPeerSlow, "hung up on a web server that was too slow");
  logger->set_request_id("");
}

}  // namespace

int ServeFastCgi(const RequestHandler& handle, RequestTrace* trace, Logger* logger) {
  HandleSignals();
  FCGX_Request fcgi;
  if (!IsListening(kListenFd) || !LimitAccept() || FCGX_Init() != 0 || FCGX_InitRequest(&fcgi, -1, 0) != 0) {
    logger->Log(events::kWorkerFailed,
                "file descriptor 0 is not a listening socket: start this program with spawn-fcgi");
    return 1;
  }
  try {
    while (const std::optional<int> connection = AcceptConnection()) {
      ServeConnection(*connection, &fcgi, handle, trace, logger);
    }
  } catch (const std::exception& error) {
    logger->Log(events::kWorkerFailed, error.what());
    return 1;
  }
  return 0;
}

}  // namespace shop
