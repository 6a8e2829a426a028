#include "tests/support/fastcgi_worker.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <new>
#include <system_error>

#include "tests/support/wait_until.h"
#include "workers/common/fastcgi_server.h"

namespace shop {
namespace {

void Put(int fd) {
  if (write(fd, "x", 1) != 1) throw std::system_error(errno, std::generic_category(), "write");
}

void Take(int fd) {
  char byte = 0;
  while (read(fd, &byte, 1) < 0 && errno == EINTR) continue;
}

HttpResponse Answer(const HttpRequest& request, const Gate& gate) {
  if (request.path == "/gate") gate.Pass();
  if (request.path == "/throw") throw std::bad_alloc();
  HttpResponse response;
  response.body = request.method + "\n" + request.path + "\n" + request.query + "\n";
  for (const auto& [name, value] : request.headers) response.body += name + ": " + value + "\n";
  response.body += request.body;
  if (request.path == "/client") response.body = request.client;
  if (request.path == "/length") response.body = std::to_string(request.body.size());
  if (request.path == "/204") response = {204, {}, ""};
  if (request.path == "/304") response = {304, {}, ""};
  if (request.path == "/large" || request.query == "large") response.body = std::string(3 << 20, 'x');
  if (request.path == "/headers") response = {405, {{"Allow", "GET, HEAD"}, {"X-Other", "1"}}, "{}"};
  return response;
}

}  // namespace

Gate::Gate() {
  if (pipe2(begun_, O_CLOEXEC) != 0 || pipe2(released_, O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
}

Gate::~Gate() {
  for (const int fd : {begun_[0], begun_[1], released_[0], released_[1]}) close(fd);
}

void Gate::Pass() const {
  Put(begun_[1]);
  Take(released_[0]);
}

void Gate::WaitUntilBegun() const {
  Take(begun_[0]);
}

void Gate::Release() const {
  Put(released_[1]);
}

std::string GetRequest(const std::string& uri) {
  return FastCgiRequest({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", uri}}, "");
}

std::string PostRequest(const std::string& uri, const std::string& content_length, std::string_view body) {
  return FastCgiRequest({{"REQUEST_METHOD", "POST"}, {"REQUEST_URI", uri}, {"CONTENT_LENGTH", content_length}}, body);
}

std::string BodyOf(const std::string& answer) {
  const size_t end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "(no answer)" : answer.substr(end + 4);
}

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

int Serve(int listen_fd, const Gate& gate) {
  dup2(listen_fd, STDIN_FILENO);
  Logger logger("test-worker", LogLevel::kInfo);
  RequestTrace trace(std::chrono::minutes(1));
  return ServeFastCgi(
      [&](const HttpRequest& request) {
        if (request.path == "/log") logger.Log(events::kRequest, "in the handler");
        return Answer(request, gate);
      },
      &trace, &logger);
}

void FastCgiWorkerTest::teardown() {
  worker.reset();
  close(listen_fd);
}

std::string FastCgiWorkerTest::Ask(const std::string& request) const {
  const FastCgiConnection connection = Connect();
  connection.Send(request);
  return connection.Receive();
}

std::unique_ptr<ChildProcess> FastCgiWorkerTest::AnotherWorker() {
  return std::make_unique<ChildProcess>([this] { return Serve(listen_fd, gate); });
}

void FastCgiWorkerTest::MakeIdle() const {
  CHECK(Ask(GetRequest("/")) != "");
}

void FastCgiWorkerTest::WaitUntilAsleep() const {
  CHECK(WaitUntil([this] { return StateOf(worker->pid()) == 'S'; }));
}

int FastCgiWorkerTest::ListenOn(const std::string& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(fd, 64) != 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  return fd;
}

}  // namespace shop
