#include "workers/common/fastcgi_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/fastcgi_worker.h"
#include "tests/support/wait_until.h"
#include "workers/common/request_trace.h"

namespace shop {
namespace {

constexpr size_t kMaxBody = 1 << 20;

int64_t MicrosecondsSince(RequestTrace::Clock::time_point begin) {
  return std::chrono::duration_cast<std::chrono::microseconds>(RequestTrace::Clock::now() - begin).count();
}

int64_t TookOf(const std::string& answer) {
  constexpr std::string_view kName = "\r\nX-Took: ";
  const size_t name = answer.find(kName);
  CHECK(name != std::string::npos);
  return std::stoll(answer.substr(name + kName.size()));
}

class FastCgiServerTest : public FastCgiWorkerTest {
 protected:
  void CheckThatTheRequestAtHandFinishes(int signal) const {
    const FastCgiConnection connection = Connect();
    connection.Send(GetRequest("/gate"));
    gate.WaitUntilBegun();
    worker->Signal(signal);
    gate.Release();
    CHECK(BodyOf(connection.Receive()).starts_with("GET\n/gate\n"));
    CHECK_EQUAL(std::optional(0), worker->Wait());
  }
};

}  // namespace

TEST_GROUP_BASE(FastCgiServer, FastCgiServerTest){};

TEST(FastCgiServer, HandlerGetsMethodPathQueryHeadersAndBody) {
  const std::string answer = Ask(FastCgiRequest({{"REQUEST_METHOD", "POST"},
                                                 {"REQUEST_URI", "/a%20b?limit=1&x=?"},
                                                 {"CONTENT_LENGTH", "4"},
                                                 {"HTTP_X_REQUEST_ID", "r=1"},
                                                 {"HTTP_IDEMPOTENCY_KEY", ""},
                                                 {"HTTP_IDEMPOTENCY_KEY", "K_1"}},
                                                "body"));
  CHECK_EQUAL(
      std::string("POST\n/a%20b\nlimit=1&x=?\nx-request-id: r=1\nidempotency-key: \nidempotency-key: K_1\nbody"),
      BodyOf(answer));
}

TEST(FastCgiServer, WhatIsNotSentIsEmpty) {
  CHECK_EQUAL(std::string("GET\n/\n\n"), BodyOf(Ask(GetRequest("/"))));
}

TEST(FastCgiServer, NginxNamesTheClientAndNoHeaderCan) {
  const auto client = [this](const char* parameter) {
    return BodyOf(
        Ask(FastCgiRequest({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/client"}, {parameter, "shop-a"}}, "")));
  };
  CHECK_EQUAL(std::string("shop-a"), client("REMOTE_USER"));
  CHECK_EQUAL(std::string(), client("HTTP_REMOTE_USER"));
}

TEST(FastCgiServer, AnswerHasStatusTypeAndLength) {
  const std::string answer = Ask(GetRequest("/length"));
  CHECK(answer.starts_with("Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\nX-Took: "));
  CHECK_EQUAL(std::string("0"), BodyOf(answer));
}

TEST(FastCgiServer, AnswerHasTheHandlersHeaders) {
  const std::string answer = Ask(GetRequest("/headers"));
  CHECK(answer.starts_with("Status: 405 Method Not Allowed\r\n"));
  CHECK(Contains(answer, "\r\nAllow: GET, HEAD\r\nX-Other: 1\r\n"));
}

TEST(FastCgiServer, A204AndA304HaveNeitherTypeNorLengthNorBody) {
  const std::string deleted = Ask(GetRequest("/204")), not_modified = Ask(GetRequest("/304"));
  CHECK(deleted.starts_with("Status: 204 No Content\r\nX-Took: "));
  CHECK(not_modified.starts_with("Status: 304 Not Modified\r\nX-Took: "));
  CHECK_EQUAL(std::string(), BodyOf(deleted) + BodyOf(not_modified));
}

TEST(FastCgiServer, AnswerSaysHowLongItTook) {
  const auto sent = RequestTrace::Clock::now();
  const FastCgiConnection connection = Connect();
  connection.Send(GetRequest("/gate"));
  gate.WaitUntilBegun();
  const auto begun = RequestTrace::Clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(1));  // Long enough to be seen.
  const int64_t held = MicrosecondsSince(begun);
  gate.Release();
  const int64_t took = TookOf(connection.Receive());
  CHECK(held <= took);
  CHECK(took <= MicrosecondsSince(sent));
}

TEST(FastCgiServer, HeadGetsTheLengthOfTheBodyWithoutTheBody) {
  const std::string answer = Ask(FastCgiRequest({{"REQUEST_METHOD", "HEAD"}, {"REQUEST_URI", "/length"}}, ""));
  CHECK(Contains(answer, "\r\nContent-Length: 1\r\n"));
  CHECK_EQUAL(std::string(), BodyOf(answer));
}

TEST(FastCgiServer, ABodyOfOneMebibyteIsRead) {
  CHECK_EQUAL(std::to_string(kMaxBody),
              BodyOf(Ask(PostRequest("/length", std::to_string(kMaxBody), std::string(kMaxBody, 'x')))));
}

TEST(FastCgiServer, ALargerBodyIs413) {
  const std::string answer = Ask(PostRequest("/length", std::to_string(kMaxBody + 1), std::string(kMaxBody + 1, 'x')));
  CHECK(answer.starts_with("Status: 413 Content Too Large\r\n"));
  CHECK(Contains(answer, "PAYLOAD_TOO_LARGE"));
  MakeIdle();
}

TEST(FastCgiServer, AShorterBodyThanAnnouncedIs400) {
  const std::string answer = Ask(PostRequest("/length", "10", "short"));
  CHECK(answer.starts_with("Status: 400 Bad Request\r\n"));
  CHECK(Contains(answer, "BAD_REQUEST"));
}

TEST(FastCgiServer, AMalformedContentLengthIs400) {
  for (const char* length : {"-1", "1x", " 1", "99999999999999999999999"}) {
    CHECK_TEXT(Ask(PostRequest("/length", length, "x")).starts_with("Status: 400 "), length);
  }
}

TEST(FastCgiServer, ALargeAnswerArrivesWhole) {
  CHECK_EQUAL(size_t{3 << 20}, BodyOf(Ask(GetRequest("/large"))).size());
}

TEST(FastCgiServer, ServesOneRequestAfterTheOther) {
  for (int i = 0; i < 50; ++i)
    CHECK_EQUAL(std::to_string(i),
                BodyOf(Ask(PostRequest("/length", std::to_string(i), std::string(static_cast<size_t>(i), 'x')))));
}

TEST(FastCgiServer, LogLinesHaveTheIdOfTheirRequestOnly) {
  Ask(FastCgiRequest({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/log"}, {"HTTP_X_REQUEST_ID", "r-1"}}, ""));
  CHECK(Contains(log.Take(), "\"request_id\":\"r-1\""));
  Ask(GetRequest("/log"));
  const std::string line = log.Take();
  CHECK(Contains(line, "in the handler"));
  CHECK_FALSE(Contains(line, "request_id"));
}

TEST(FastCgiServer, ASlowRequestIsLoggedOnceWithItsParts) {
  const std::string request = FastCgiRequest(
      {{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/a?b"}, {"SENT_AT", "1.000"}, {"HTTP_X_REQUEST_ID", "r-1"}}, "");
  CHECK(Ask(request) != "");
  MakeIdle();  // The worker logs the one before it takes this one, which is fast.
  const std::vector<std::string> lines = log.TakeLines();
  CHECK_EQUAL(size_t{1}, lines.size());
  for (const char* part : {R"("event":"request_slow","request_id":"r-1")", R"("path":"/a","status":200,"total_us":)",
                           R"(,"queue_us":)", R"(,"receive_us":)", R"(,"calls":[],"own_us":)", R"(,"answer_us":)"}) {
    CHECK_TEXT(Contains(lines[0], part), lines[0].c_str());
  }
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
  first.Send(GetRequest("/gate"));
  gate.WaitUntilBegun();
  std::vector<FastCgiConnection> waiting;
  for (int i = 0; i < 5; ++i) {
    waiting.push_back(Connect());
    waiting.back().Send(GetRequest("/length"));
  }
  worker->Signal(SIGTERM);
  gate.Release();
  CHECK(first.Receive() != "");
  for (const FastCgiConnection& connection : waiting) CHECK_EQUAL(std::string("0"), BodyOf(connection.Receive()));
  CHECK_EQUAL(std::optional(0), worker->Wait());
}

// As in a rolling restart under load: there is always somebody who waits, and another worker will serve him.
TEST(FastCgiServer, AQueueThatNeverEmptiesDoesNotKeepAWorkerThatMustEnd) {
  const FastCgiConnection first = Connect();
  first.Send(GetRequest("/gate"));
  gate.WaitUntilBegun();
  const FastCgiConnection second = Connect();
  second.Send(GetRequest("/gate"));
  worker->Signal(SIGUSR1);
  gate.Release();
  gate.WaitUntilBegun();
  const FastCgiConnection third = Connect();
  third.Send(GetRequest("/length"));
  CHECK_FALSE(worker->Wait(std::chrono::milliseconds(10'200)).has_value());
  gate.Release();
  CHECK_EQUAL(std::optional(0), worker->Wait());
  CHECK(BodyOf(second.Receive()).starts_with("GET\n/gate\n"));
  pollfd listener{listen_fd, POLLIN, 0};
  CHECK_EQUAL(1, poll(&listener, 1, 0));
  worker = AnotherWorker();
  CHECK_EQUAL(std::string("0"), BodyOf(third.Receive()));
}

TEST(FastCgiServer, SigtermDoesNotHarmARequestThatIsStillArriving) {
  const std::string request = PostRequest("/length", "8", "12345678");
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
    worker = AnotherWorker();
  }
}

TEST(FastCgiServer, WorkersThatShareASocketAllEndOnSigterm) {
  std::vector<std::unique_ptr<ChildProcess>> others;
  for (int i = 0; i < 3; ++i) {
    others.push_back(AnotherWorker());
  }
  std::vector<FastCgiConnection> busy;
  for (int i = 0; i < 4; ++i) {
    busy.push_back(Connect());
    busy.back().Send(GetRequest("/gate"));
    gate.WaitUntilBegun();
  }
  std::vector<FastCgiConnection> waiting;
  for (int i = 0; i < 6; ++i) {
    waiting.push_back(Connect());
    waiting.back().Send(GetRequest("/length"));
  }
  worker->Signal(SIGTERM);
  for (const auto& other : others) other->Signal(SIGTERM);
  for (int i = 0; i < 4; ++i) gate.Release();
  for (const FastCgiConnection& connection : busy) CHECK(connection.Receive() != "");
  for (const FastCgiConnection& connection : waiting) CHECK_EQUAL(std::string("0"), BodyOf(connection.Receive()));
  CHECK_EQUAL(std::optional(0), worker->Wait());
  for (const auto& other : others) CHECK_EQUAL(std::optional(0), other->Wait());
}

TEST(FastCgiServer, AnExceptionEndsTheWorkerWithStatus1AndALogLine) {
  const FastCgiConnection connection = Connect();
  connection.Send(GetRequest("/throw"));
  CHECK(connection.IsHungUp());
  CHECK_EQUAL(std::string(), connection.Receive());
  CHECK_EQUAL(std::optional(1), worker->Wait());
  const std::vector<std::string> lines = log.TakeLines();
  CHECK_EQUAL(size_t{1}, lines.size());
  CHECK(Contains(lines[0], "bad_alloc"));
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
