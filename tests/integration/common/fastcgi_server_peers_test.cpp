// Web servers that hang up, are slow, or speak differently from nginx.

#include <fastcgi.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <optional>
#include <vector>

#include "tests/support/fastcgi_worker.h"
#include "tests/support/wait_until.h"

namespace shop {
namespace {

class FastCgiPeersTest : public FastCgiWorkerTest {
 protected:
  size_t OpenFilesWhenIdle() const {
    MakeIdle();
    WaitUntilAsleep();
    const std::filesystem::directory_iterator files("/proc/" + std::to_string(worker->pid()) + "/fd");
    return static_cast<size_t>(std::distance(begin(files), end(files)));
  }

  // Sends a request whose answer the worker holds back for so long. Meanwhile it does not hang up.
  void AskAndWait(const FastCgiConnection& connection, const std::string& target,
                  std::chrono::milliseconds duration) const {
    connection.Send(GetRequest(target));
    gate.WaitUntilBegun();
    CHECK_FALSE(connection.IsHungUp(duration));
    gate.Release();
  }

  // Checks that the worker hangs up at once on a peer that sends `bytes`, and serves the next one.
  void CheckHangUp(const std::string& bytes, const char* name) const {
    const FastCgiConnection connection = Connect();
    connection.Send(bytes);
    CHECK_TEXT(connection.IsHungUp(std::chrono::seconds(4)), name);
    CHECK_EQUAL_TEXT(std::string(), connection.Receive(), name);
    MakeIdle();
  }
};

int ListenOnLoopback() {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};  // Any port that is free.
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK_EQUAL(0, bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address));
  CHECK_EQUAL(0, listen(listener, 64));
  return listener;
}

int ConnectToListener(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  CHECK_EQUAL(0, getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size));
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  CHECK_EQUAL(0, connect(connection, reinterpret_cast<sockaddr*>(&address), size));
  return connection;
}

}  // namespace

TEST_GROUP_BASE(FastCgiServerPeers, FastCgiPeersTest){};

TEST(FastCgiServerPeers, AClientThatHangsUpBeforeItAsksDoesNoHarm) {
  MakeIdle();
  { const FastCgiConnection connection = Connect(); }
  MakeIdle();
  { const FastCgiConnection connection = Connect(); }
  worker->Signal(SIGTERM);
  CHECK_EQUAL(std::optional(0), worker->Wait());
}

TEST(FastCgiServerPeers, SigtermEndsAWorkerWhoseLastClientHungUpEarly) {
  MakeIdle();
  {
    const FastCgiConnection connection = Connect();
    connection.Send(GetRequest("/").substr(0, 20));
    CHECK(WaitUntil([&] { return connection.IsEverythingRead(); }));
  }
  // When the worker sleeps for good, it has finished with that client.
  int asleep = 0;
  CHECK(WaitUntil([&] { return (asleep = StateOf(worker->pid()) == 'S' ? asleep + 1 : 0) == 10; }));
  worker->Signal(SIGTERM);
  CHECK_EQUAL(std::optional(0), worker->Wait());
}

TEST(FastCgiServerPeers, AClientThatHangsUpDuringItsRequestDoesNoHarm) {
  for (int i = 0; i < 3; ++i) {
    {
      const FastCgiConnection connection = Connect();
      connection.Send(GetRequest("/gate"));
      gate.WaitUntilBegun();
    }
    gate.Release();
  }
  MakeIdle();
}

TEST(FastCgiServerPeers, BytesThatAreNotFastCgiDoNoHarm) {
  for (const char* bytes : {"GET / HTTP/1.1\r\n\r\n", "\x01\x63\x00\x01\x00\x00\x00\x00"}) {
    const FastCgiConnection connection = Connect();
    connection.Send(bytes);
  }
  MakeIdle();
}

TEST(FastCgiServerPeers, AConnectionIsClosedWhateverThePeerWantsAndNoDescriptorLeaks) {
  const std::string request = FastCgiBegin(FCGI_RESPONDER, FCGI_KEEP_CONN) +
                              FastCgiStreams({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/length"}}, "");
  const size_t open_files = OpenFilesWhenIdle();
  for (int i = 0; i < 20; ++i) {
    const FastCgiConnection connection = Connect();
    connection.Send(request);
    CHECK(connection.IsHungUp(std::chrono::seconds(4)));
    CHECK_EQUAL(std::string("0"), BodyOf(connection.Receive()));
  }
  CHECK_EQUAL(open_files, OpenFilesWhenIdle());
}

TEST(FastCgiServerPeers, WhoDoesNotSendAWholeRequestIsHungUpOnAndNothingIsDone) {
  const std::string request = PostRequest("/log", "4", "body");
  const size_t without_end = request.size() - FCGI_HEADER_LEN;
  const size_t kSent[] = {0, 4, FCGI_HEADER_LEN, 20, 40, without_end - 2, without_end};
  std::vector<std::unique_ptr<ChildProcess>> others;
  std::vector<FastCgiConnection> connections;
  for (const size_t sent : kSent) {
    if (!connections.empty()) others.push_back(AnotherWorker());
    connections.push_back(Connect());
    connections.back().Send(request.substr(0, sent));
  }
  for (size_t i = 0; i < connections.size(); ++i) {
    CHECK_TEXT(connections[i].IsHungUp(), std::to_string(kSent[i]).c_str());
    CHECK_EQUAL(std::string(), connections[i].Receive());
  }
  MakeIdle();
  others.clear();
  worker.reset();
  const std::string lines = log.Take();
  CHECK(Contains(lines, "hung up on a web server that was too slow"));
  CHECK_FALSE(Contains(lines, "in the handler"));
}

TEST(FastCgiServerPeers, AByteNowAndThenHoldsNoWorker) {
  const FastCgiConnection connection = Connect();
  connection.Send(FastCgiBegin(FCGI_RESPONDER, 0));
  const std::string record = FastCgiRecord(FCGI_PARAMS, "\x01\x01xy");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  size_t sent = 0;
  while (!connection.IsHungUp(std::chrono::milliseconds(50)) && std::chrono::steady_clock::now() < deadline) {
    connection.Send(record.substr(sent++ % record.size(), 1));
  }
  CHECK(connection.IsHungUp(std::chrono::milliseconds(0)));
  CHECK(sent > 20);
  MakeIdle();
}

TEST(FastCgiServerPeers, WhoDoesNotTakeTheAnswerIsHungUpOn) {
  const FastCgiConnection connection = Connect();
  connection.Send(GetRequest("/large"));
  CHECK(connection.IsHungUp());
  CHECK_EQUAL(std::string(), connection.Receive());
  MakeIdle();
  CHECK(Contains(log.Take(), "hung up on a web server that was too slow"));
}

// Its time to send the request is over when the answer comes.
TEST(FastCgiServerPeers, WhoDoesNotTakeALateAnswerIsHungUpOn) {
  const FastCgiConnection connection = Connect();
  AskAndWait(connection, "/gate?large", std::chrono::milliseconds(5500));
  CHECK(connection.IsHungUp());
  MakeIdle();
  CHECK(Contains(log.Take(), "hung up on a web server that was too slow"));
}

// A peer's time begins with its request, not with the start of the worker.
TEST(FastCgiServerPeers, ARequestThatTakesLongerThanThePeersTimeIsAnswered) {
  const FastCgiConnection connection = Connect();
  AskAndWait(connection, "/gate", std::chrono::milliseconds(5500));
  CHECK(BodyOf(connection.Receive()).starts_with("GET\n/gate\n"));
}

// The alarm of an earlier request must not shorten the time of a later one.
TEST(FastCgiServerPeers, APeerHasItsWholeTimeAfterAnEarlierOne) {
  const FastCgiConnection first = Connect();
  AskAndWait(first, "/gate", std::chrono::milliseconds(2500));
  CHECK(BodyOf(first.Receive()).starts_with("GET\n/gate\n"));

  const std::string request = GetRequest("/");
  const FastCgiConnection second = Connect();
  second.Send(request.substr(0, 20));
  CHECK_FALSE(second.IsHungUp(std::chrono::seconds(4)));
  second.Send(request.substr(20));
  CHECK(BodyOf(second.Receive()).starts_with("GET\n/\n"));

  const FastCgiConnection third = Connect();
  third.Send(request.substr(0, 20));
  CHECK(third.IsHungUp());
  MakeIdle();
}

// accept(2) hands the listener's limit, a second, to a connection over TCP.
TEST(FastCgiServerPeers, OverTcpAPeerHasItsWholeTimeToo) {
  const int listener = ListenOnLoopback();
  const ChildProcess tcp_worker([&] { return Serve(listener, gate); });
  const FastCgiConnection connection(ConnectToListener(listener));
  close(listener);
  const std::string request = GetRequest("/");
  connection.Send(request.substr(0, 20));
  CHECK_FALSE(connection.IsHungUp(std::chrono::seconds(3)));
  connection.Send(request.substr(20));
  CHECK(BodyOf(connection.Receive()).starts_with("GET\n/\n"));
}

TEST(FastCgiServerPeers, WhatIsNoRequestForAResponderIsHungUpOn) {
  const std::string streams = FastCgiStreams({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/"}}, "");
  const std::string begin = FastCgiBegin(FCGI_RESPONDER, 0);
  const std::string abort = FastCgiRecord(FCGI_ABORT_REQUEST, "");
  std::string other_version = begin + streams;
  other_version[0] = 2;
  const size_t open_files = OpenFilesWhenIdle();
  CheckHangUp(other_version, "another version");
  CheckHangUp(FastCgiBegin(FCGI_AUTHORIZER, 0) + streams, "authorizer");
  CheckHangUp(FastCgiBegin(FCGI_FILTER, 0) + streams + FastCgiRecord(FCGI_DATA, ""), "filter");
  CheckHangUp(FastCgiBegin(9, FCGI_KEEP_CONN) + streams, "a role that is none");
  CheckHangUp(FastCgiRecord(FCGI_BEGIN_REQUEST, "short"), "a short beginning");
  CheckHangUp(begin + FastCgiRecord(FCGI_STDIN, "x"), "a body before the parameters");
  CheckHangUp(begin + FastCgiRecord(FCGI_PARAMS, "\x04") + FastCgiRecord(FCGI_PARAMS, ""),
              "parameters that end within one");
  CheckHangUp(begin + abort, "aborted in its parameters");
  CheckHangUp(begin + streams.substr(0, streams.size() - FCGI_HEADER_LEN) + abort, "aborted in its body");
  CheckHangUp(FastCgiRecord(FCGI_STDIN, "x"), "a body of no request");
  CHECK_EQUAL(open_files, OpenFilesWhenIdle());
}

TEST(FastCgiServerPeers, ManagementRecordsAndOtherRequestsDoNotDisturbARequest) {
  const std::string request = PostRequest("/length", "4", "body");
  const std::string get_values = FastCgiRecord(FCGI_GET_VALUES,
                                               std::string("\x0e\x00"
                                                           "FCGI_MAX_CONNS",
                                                           16),
                                               0);
  const std::string unknown = FastCgiRecord(99, "", 0);
  const std::string of_another = FastCgiRecord(FCGI_PARAMS, "\x01\x01xy", 2);
  for (const std::string& before : {get_values, unknown, of_another, get_values + unknown + of_another}) {
    CHECK_EQUAL(std::string("4"), BodyOf(Ask(before + request)));
  }
}

TEST(FastCgiServerPeers, LongParametersArriveWhole) {
  for (const size_t size : {size_t{70'000}, size_t{1} << 20}) {
    const std::string key(size, 'k');
    const std::string answer = Ask(FastCgiRequest({{"REQUEST_URI", "/"}, {"HTTP_IDEMPOTENCY_KEY", key}}, ""));
    CHECK_EQUAL(size, BodyOf(answer).size() - std::strlen("\n/\n\nidempotency-key: \n"));
  }
}

TEST(FastCgiServerPeers, AParameterThatIsSaidToBeHugeDoesNoHarm) {
  MakeIdle();
  {
    const FastCgiConnection connection = Connect();
    connection.Send(FastCgiBegin(FCGI_RESPONDER, 0) + FastCgiRecord(FCGI_PARAMS, "\x01\xBF\xFF\xFF\xFFx"));
    CHECK(WaitUntil([&] { return connection.IsEverythingRead(); }));
  }
  MakeIdle();
}

}  // namespace shop
