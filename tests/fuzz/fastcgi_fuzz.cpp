// The worker's loop on a real socket: whatever comes over one connection, the next one is served. A whole request
// reaches the handler as it was sent, whatever pieces it comes in.

#include <fuzzer/FuzzedDataProvider.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "tests/fuzz/property.h"
#include "tests/support/fastcgi_client.h"
#include "tests/support/temp_folder.h"
#include "workers/common/fastcgi_server.h"

namespace shop {
namespace {

// All that a handler gets, in one text.
std::string Shown(const HttpRequest& request) {
  std::string shown;
  const auto show = [&](const std::string& part) { shown += std::to_string(part.size()) + ":" + part + "\n"; };
  for (const std::string& part : {request.method, request.path, request.query, request.body}) show(part);
  for (const auto& [name, value] : request.headers) show(name + ":" + value);
  return shown;
}

HttpResponse Answer(const HttpRequest& request) {
  return {200, {}, Shown(request)};
}

// A worker in a thread of this process, so that libFuzzer sees which code an input reaches.
class Worker {
 public:
  Worker() {
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(fd, 64) != 0 ||
        dup2(fd, STDIN_FILENO) < 0) {
      std::perror("a socket for the worker");
      std::exit(1);
    }
    std::thread([this] { ServeFastCgi(Answer, trace_, logger_); }).detach();
    // The worker's alarm is for its thread alone. It would interrupt the client, which waits in this one.
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarm, nullptr);
  }

  const std::string& path() const { return path_; }

 private:
  TempFolder folder_;
  std::string path_ = folder_.path() + "/s";
  // Never deleted: the thread uses them until the process ends.
  RequestTrace* const trace_ = new RequestTrace(std::chrono::hours(1));
  Logger* const logger_ = new Logger("fuzz", LogLevel::kError);
};

const Worker& TheWorker() {
  static const Worker worker;  // Its thread ends with the process.
  return worker;
}

std::string Ask(std::string_view request, FuzzedDataProvider* pieces) {
  const FastCgiConnection connection(TheWorker().path());
  while (!request.empty()) {
    const auto size = pieces->ConsumeIntegralInRange<size_t>(1, request.size());
    connection.Send(request.substr(0, size));
    request.remove_prefix(size);
  }
  return connection.Receive();
}

// A FastCGI parameter's value is read as a C string.
std::string ConsumeText(FuzzedDataProvider* input) {
  const std::string text = input->ConsumeRandomLengthString();
  return text.substr(0, text.find('\0'));
}

void CheckRequest(FuzzedDataProvider* input) {
  HttpRequest request{ConsumeText(input), ConsumeText(input), ConsumeText(input), {}, ""};
  request.headers.emplace_back("x-request-id", ConsumeText(input));
  std::replace(request.path.begin(), request.path.end(), '?', '/');
  if (input->ConsumeBool()) request.headers.emplace_back("idempotency-key", ConsumeText(input));
  request.body = input->ConsumeRandomLengthString();
  const bool is_length_right = input->ConsumeBool();
  const std::string length = is_length_right ? std::to_string(request.body.size()) : ConsumeText(input);

  FastCgiParameters parameters{{"REQUEST_METHOD", request.method},
                               {"REQUEST_URI", request.path + "?" + request.query},
                               {"CONTENT_LENGTH", length}};
  for (const auto& [name, value] : request.headers) {
    parameters.emplace_back(name == "x-request-id" ? "HTTP_X_REQUEST_ID" : "HTTP_IDEMPOTENCY_KEY", value);
  }
  const std::string answer = Ask(FastCgiRequest(parameters, request.body), input);
  Require(answer.starts_with("Status: "), "a whole request is answered");
  if (!is_length_right || request.method == "HEAD") return;
  Require(answer.ends_with("\r\n\r\n" + Shown(request)), "the handler gets what was sent");
}

void CheckBytes(FuzzedDataProvider* input) {
  // libfcgi 2.4.2 runs out of memory and crashes on a parameter of 2 GiB, whose length begins with such a byte. nginx
  // sends none, and nobody else can connect.
  std::string bytes = input->ConsumeRemainingBytesAsString();
  std::replace_if(
      bytes.begin(), bytes.end(), [](char c) { return static_cast<uint8_t>(c) > 0x80; }, '\x80');
  {
    const FastCgiConnection connection(TheWorker().path());
    connection.Send(bytes);
  }
  const std::string answer = Ask(FastCgiRequest({{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/"}}, ""), input);
  Require(answer.ends_with(Shown({"GET", "/", "", {}, ""})), "the next connection is served");
}

}  // namespace
}  // namespace shop

// libfcgi 2.4.2 loses 48 bytes for each management record of a type that it does not know; nginx sends none.
// NOLINTNEXTLINE(clang-diagnostic-reserved-identifier,readability-identifier-naming): the sanitizer's name for it.
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfcgi.so\n";
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider input(data, size);
  if (input.ConsumeBool()) {
    shop::CheckRequest(&input);
  } else {
    shop::CheckBytes(&input);
  }
  return 0;
}
