#include "workers/common/fastcgi_server.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "tests/support/checks.h"
#include "tests/support/child_process.h"
#include "tests/support/fastcgi_client.h"
#include "tests/support/stderr_capture.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait_until.h"

namespace shop {
namespace {

constexpr size_t kMaxBody = 1 << 20;

int ListenOn(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(fd, 64) != 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  return fd;
}

// Lets the handler of the worker tell that it has begun, and wait until the test lets it go on.
class Gate {
 public:
  Gate() {
    if (pipe2(begun_, O_CLOEXEC) != 0 || pipe2(released_, O_CLOEXEC) != 0) {
      throw std::system_error(errno, std::generic_category(), "pipe2");
    }
  }
  ~Gate() {
    for (const int fd : {begun_[0], begun_[1], released_[0], released_[1]}) close(fd);
  }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  void Pass() const {
    Put(begun_[1]);
    Take(released_[0]);
  }
  void WaitUntilBegun() const { Take(begun_[0]); }
  void Release() const { Put(released_[1]); }

 private:
  static void Put(int fd) {
    if (write(fd, "x", 1) != 1) throw std::system_error(errno, std::generic_category(), "write");
  }
  static void Take(int fd) {
    char byte = 0;
    while (read(fd, &byte, 1) < 0 && errno == EINTR) continue;
  }

  int begun_[2];
  int released_[2];
};

// What the worker of these tests answers: what it was asked, a line each; the length of the body for /length.
HttpResponse Answer(const HttpRequest& request, const Gate& gate) {
  if (request.path == "/gate") gate.Pass();
  HttpResponse response;
  response.body = request.method + "\n" + request.path + "\n" + request.query + "\n" + request.request_id + "\n" +
                  request.idempotency_key.value_or("(no key)") + "\n" + request.body;
  if (request.path == "/length") response.body = std::to_string(request.body.size());
  if (request.path == "/empty") response = {204, {}, ""};
  if (request.path == "/large") response.body = std::string(3 << 20, 'x');
  if (request.path == "/headers") response = {405, {{"Allow", "GET, HEAD"}, {"X-Other", "1"}}, "{}"};
  return response;
}

int Serve(int listen_fd, const Gate& gate) {
  dup2(listen_fd, STDIN_FILENO);
  Logger logger("test-worker", LogLevel::kInfo);
  return ServeFastCgi(
      [&](const HttpRequest& request) {
        if (request.path == "/log") logger.Log(LogLevel::kInfo, "in the handler");
        return Answer(request, gate);
      },
      &logger);
}

std::string Get(const std::string& uri) {
  return FastCgiRequest({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", uri}}, "");
}

std::string Post(const std::string& uri, const std::string& content_length, std::string_view body) {
  return FastCgiRequest({{"REQUEST_METHOD", "POST"}, {"REQUEST_URI", uri}, {"CONTENT_LENGTH", content_length}}, body);
}

std::string BodyOf(const std::string& answer) {
  const size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "(no answer)" : answer.substr(end + 4);
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_GROUP(FastCgiServer) {
  TempFolder folder;
  StderrCapture log;
  Gate gate;
  std::string path = folder.path() + "/worker.sock";
  int listen_fd = ListenOn(path);
  std::unique_ptr<ChildProcess> worker = std::make_unique<ChildProcess>([this] { return Serve(listen_fd, gate); });

  void teardown() override {
    worker.reset();
    close(listen_fd);
  }

  FastCgiConnection Connect() const {
    return FastCgiConnection(path);
  }

  std::string Ask(const std::string& request) const {
    const FastCgiConnection connection = Connect();
    connection.Send(request);
    return connection.Receive();
  }

  // The worker waits for a connection, or is about to.
  void MakeIdle() const {
    CHECK(Ask(Get("/")) != "");
  }

  void WaitUntilAsleep() const {
    CHECK(WaitUntil([this] { return StateOf(worker->pid()) == 'S'; }));
  }

  void CheckThatTheRequestAtHandFinishes(int signal) const {
    const FastCgiConnection connection = Connect();
    connection.Send(Get("/gate"));
    gate.WaitUntilBegun();
    worker->Signal(signal);
    gate.Release();
    CHECK(BodyOf(connection.Receive()).starts_with("GET\n/gate\n"));
    CHECK_EQUAL(std::optional(0), worker->Wait());
  }
};

TEST(FastCgiServer, HandlerGetsMethodPathQueryRequestIdKeyAndBody) {
  const std::string answer = Ask(FastCgiRequest({{"REQUEST_METHOD", "POST"},
                                                 {"REQUEST_URI", "/a%20b?limit=1&x=?"},
                                                 {"CONTENT_LENGTH", "4"},
                                                 {"HTTP_X_REQUEST_ID", "r-1"},
                                                 {"HTTP_IDEMPOTENCY_KEY", "k-1"}},
                                                "body"));
  CHECK_EQUAL(std::string("POST\n/a%20b\nlimit=1&x=?\nr-1\nk-1\nbody"), BodyOf(answer));
}

TEST(FastCgiServer, WhatIsNotSentIsEmptyAndTheKeyAbsent) {
  CHECK_EQUAL(std::string("GET\n/\n\n\n(no key)\n"), BodyOf(Ask(Get("/"))));
}

TEST(FastCgiServer, AnEmptyKeyIsThere) {
  CHECK_EQUAL(
      std::string("GET\n/\n\n\n\n"),
      BodyOf(Ask(FastCgiRequest({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/"}, {"HTTP_IDEMPOTENCY_KEY", ""}}, ""))));
}

TEST(FastCgiServer, AnswerHasStatusTypeAndLength) {
  const std::string answer = Ask(Get("/length"));
  CHECK_EQUAL(std::string("Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n0"), answer);
}

TEST(FastCgiServer, AnswerHasTheHandlersHeaders) {
  const std::string answer = Ask(Get("/headers"));
  CHECK(answer.starts_with("Status: 405 Method Not Allowed\r\n"));
  CHECK(Contains(answer, "\r\nAllow: GET, HEAD\r\nX-Other: 1\r\n"));
}

TEST(FastCgiServer, A204HasNeitherTypeNorLengthNorBody) {
  CHECK_EQUAL(std::string("Status: 204 No Content\r\n\r\n"), Ask(Get("/empty")));
}

TEST(FastCgiServer, HeadGetsTheLengthOfTheBodyWithoutTheBody) {
  const std::string answer = Ask(FastCgiRequest({{"REQUEST_METHOD", "HEAD"}, {"REQUEST_URI", "/length"}}, ""));
  CHECK(Contains(answer, "\r\nContent-Length: 1\r\n"));
  CHECK_EQUAL(std::string(), BodyOf(answer));
}

TEST(FastCgiServer, ABodyOfOneMebibyteIsRead) {
  CHECK_EQUAL(std::to_string(kMaxBody),
              BodyOf(Ask(Post("/length", std::to_string(kMaxBody), std::string(kMaxBody, 'x')))));
}

TEST(FastCgiServer, ALargerBodyIs413) {
  const std::string answer = Ask(Post("/length", std::to_string(kMaxBody + 1), std::string(kMaxBody + 1, 'x')));
  CHECK(answer.starts_with("Status: 413 Content Too Large\r\n"));
  CHECK(Contains(answer, "PAYLOAD_TOO_LARGE"));
  MakeIdle();
}

TEST(FastCgiServer, AShorterBodyThanAnnouncedIs400) {
  const std::string answer = Ask(Post("/length", "10", "short"));
  CHECK(answer.starts_with("Status: 400 Bad Request\r\n"));
  CHECK(Contains(answer, "BAD_REQUEST"));
}

TEST(FastCgiServer, AMalformedContentLengthIs400) {
  for (const char* length : {"-1", "1x", " 1", "99999999999999999999999"}) {
    CHECK_TEXT(Ask(Post("/length", length, "x")).starts_with("Status: 400 "), length);
  }
}

TEST(FastCgiServer, ALargeAnswerArrivesWhole) {
  CHECK_EQUAL(size_t{3 << 20}, BodyOf(Ask(Get("/large"))).size());
}

TEST(FastCgiServer, ServesOneRequestAfterTheOther) {
  for (int i = 0; i < 50; ++i)
    CHECK_EQUAL(std::to_string(i),
                BodyOf(Ask(Post("/length", std::to_string(i), std::string(static_cast<size_t>(i), 'x')))));
}

TEST(FastCgiServer, LogLinesHaveTheIdOfTheirRequestOnly) {
  Ask(FastCgiRequest({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/log"}, {"HTTP_X_REQUEST_ID", "r-1"}}, ""));
  CHECK(Contains(log.Take(), "\"request_id\":\"r-1\""));
  Ask(Get("/log"));
  const std::string line = log.Take();
  CHECK(Contains(line, "in the handler"));
  CHECK_FALSE(Contains(line, "request_id"));
}

TEST(FastCgiServer, SigtermEndsAnIdleWorkerWithStatus0) {
  MakeIdle();
  worker->Signal(SIGTERM);
  CHECK_EQUAL(std::optional(0), worker->Wait());
}

TEST(FastCgiServer, SigtermEndsAWorkerThatSleepsInAccept) {
  MakeIdle();
  WaitUntilAsleep();
  worker->Signal(SIGTERM);
  CHECK_EQUAL(std::optional(0), worker->Wait(std::chrono::milliseconds(900)));
}

TEST(FastCgiServer, SigtermLetsTheRequestAtHandFinish) {
  CheckThatTheRequestAtHandFinishes(SIGTERM);
}

TEST(FastCgiServer, SoDoesTheSignalOfMultiwatch) {
  CheckThatTheRequestAtHandFinishes(SIGUSR1);
}

TEST(FastCgiServer, SigtermLetsThoseWhoWaitBeServed) {
  const FastCgiConnection first = Connect();
  first.Send(Get("/gate"));
  gate.WaitUntilBegun();
  std::vector<FastCgiConnection> waiting;
  for (int i = 0; i < 5; ++i) {
    waiting.push_back(Connect());
    waiting.back().Send(Get("/length"));
  }
  worker->Signal(SIGTERM);
  gate.Release();
  CHECK(first.Receive() != "");
  for (const FastCgiConnection& connection : waiting) CHECK_EQUAL(std::string("0"), BodyOf(connection.Receive()));
  CHECK_EQUAL(std::optional(0), worker->Wait());
}

TEST(FastCgiServer, SigtermDoesNotHarmARequestThatIsStillArriving) {
  const std::string request = Post("/length", "8", "12345678");
  for (const size_t sent : {size_t{4}, size_t{40}, request.size() - 12}) {
    MakeIdle();
    const FastCgiConnection connection = Connect();
    connection.Send(request.substr(0, sent));
    CHECK(WaitUntil([&] { return connection.IsEverythingRead(); }));
    WaitUntilAsleep();
    worker->Signal(SIGTERM);
    connection.Send(request.substr(sent));
    CHECK_EQUAL_TEXT(std::string("8"), BodyOf(connection.Receive()), std::to_string(sent).c_str());
    CHECK_EQUAL(std::optional(0), worker->Wait());
    worker = std::make_unique<ChildProcess>([this] { return Serve(listen_fd, gate); });
  }
}

TEST(FastCgiServer, WorkersThatShareASocketAllEndOnSigterm) {
  std::vector<std::unique_ptr<ChildProcess>> others;
  for (int i = 0; i < 3; ++i) {
    others.push_back(std::make_unique<ChildProcess>([this] { return Serve(listen_fd, gate); }));
  }
  std::vector<FastCgiConnection> busy;
  for (int i = 0; i < 4; ++i) {
    busy.push_back(Connect());
    busy.back().Send(Get("/gate"));
    gate.WaitUntilBegun();
  }
  std::vector<FastCgiConnection> waiting;
  for (int i = 0; i < 6; ++i) {
    waiting.push_back(Connect());
    waiting.back().Send(Get("/length"));
  }
  worker->Signal(SIGTERM);
  for (const auto& other : others) other->Signal(SIGTERM);
  for (int i = 0; i < 4; ++i) gate.Release();
  for (const FastCgiConnection& connection : busy) CHECK(connection.Receive() != "");
  for (const FastCgiConnection& connection : waiting) CHECK_EQUAL(std::string("0"), BodyOf(connection.Receive()));
  CHECK_EQUAL(std::optional(0), worker->Wait());
  for (const auto& other : others) CHECK_EQUAL(std::optional(0), other->Wait());
}

TEST(FastCgiServer, AClientThatHangsUpBeforeItAsksDoesNoHarm) {
  MakeIdle();
  { const FastCgiConnection connection = Connect(); }
  MakeIdle();
  { const FastCgiConnection connection = Connect(); }
  worker->Signal(SIGTERM);
  CHECK_EQUAL(std::optional(0), worker->Wait());
}

TEST(FastCgiServer, SigtermEndsAWorkerWhoseLastClientHungUpEarly) {
  MakeIdle();
  {
    const FastCgiConnection connection = Connect();
    connection.Send(Get("/").substr(0, 20));
    CHECK(WaitUntil([&] { return connection.IsEverythingRead(); }));
  }
  // Whatever it does about that client, it is done when it sleeps for good.
  int asleep = 0;
  CHECK(WaitUntil([&] { return (asleep = StateOf(worker->pid()) == 'S' ? asleep + 1 : 0) == 10; }));
  worker->Signal(SIGTERM);
  CHECK_EQUAL(std::optional(0), worker->Wait());
}

TEST(FastCgiServer, AClientThatHangsUpDuringItsRequestDoesNoHarm) {
  for (int i = 0; i < 3; ++i) {
    {
      const FastCgiConnection connection = Connect();
      connection.Send(Get("/gate"));
      gate.WaitUntilBegun();
    }
    gate.Release();
  }
  MakeIdle();
}

TEST(FastCgiServer, BytesThatAreNotFastCgiDoNoHarm) {
  for (const char* bytes : {"GET / HTTP/1.1\r\n\r\n", "\x01\x63\x00\x01\x00\x00\x00\x00"}) {
    const FastCgiConnection connection = Connect();
    connection.Send(bytes);
  }
  MakeIdle();
}

TEST(FastCgiServer, AnythingButAListeningSocketOnFd0IsStatus1AndALogLine) {
  int pair[2];
  CHECK_EQUAL(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  const int null = open("/dev/null", O_RDONLY);
  for (const int fd : {null, pair[0]}) {
    ChildProcess other([&] { return Serve(fd, gate); });
    CHECK_EQUAL(std::optional(1), other.Wait());
    const std::string line = log.Take();
    CHECK(Contains(line, "\"level\":\"error\""));
    CHECK(Contains(line, "file descriptor 0 is not a listening socket"));
  }
  for (const int fd : {null, pair[0], pair[1]}) close(fd);
}

}  // namespace shop
