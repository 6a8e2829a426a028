// A FastCGI worker in a process of its own, for the tests of fastcgi_server.h.

#ifndef TESTS_SUPPORT_FASTCGI_WORKER_H_
#define TESTS_SUPPORT_FASTCGI_WORKER_H_

#include <memory>
#include <string>
#include <string_view>

#include "tests/support/checks.h"
#include "tests/support/child_process.h"
#include "tests/support/fastcgi_client.h"
#include "tests/support/stderr_capture.h"
#include "tests/support/temp_folder.h"

namespace shop {

// Through it the handler of the worker tells that it has begun, and waits until the test lets it go on.
class Gate {
 public:
  Gate();
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  void Pass() const;
  void WaitUntilBegun() const;
  void Release() const;

 private:
  int begun_[2];
  int released_[2];
};

std::string GetRequest(const std::string& uri);
std::string PostRequest(const std::string& uri, const std::string& content_length, std::string_view body);
std::string BodyOf(const std::string& answer);
bool Contains(const std::string& text, const std::string& part);

// Serves on `listen_fd` and returns the exit status. The answer shows the request, one part a line; for /length the
// length of its body, and so on.
int Serve(int listen_fd, const Gate& gate);

// The base of a group of tests with one worker, `worker`. They may start more on its socket.
class FastCgiWorkerTest : public Utest {
 protected:
  void teardown() override;

  FastCgiConnection Connect() const { return FastCgiConnection(path); }
  std::string Ask(const std::string& request) const;
  std::unique_ptr<ChildProcess> AnotherWorker();

  // Returns when the worker waits for a connection, or is about to.
  void MakeIdle() const;
  void WaitUntilAsleep() const;

  TempFolder folder;
  StderrCapture log;
  Gate gate;
  std::string path = folder.path() + "/worker.sock";
  int listen_fd = ListenOn(path);
  std::unique_ptr<ChildProcess> worker = AnotherWorker();

 private:
  static int ListenOn(const std::string& path);
};

}  // namespace shop

#endif  // TESTS_SUPPORT_FASTCGI_WORKER_H_
