#ifndef TESTS_SUPPORT_REDIS_SERVER_H_
#define TESTS_SUPPORT_REDIS_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/temp_folder.h"

// A redis-server of the tests' own, on a unix socket in a folder of its own, durable as the shop's is.
class RedisServer {
 public:
  // Started already.
  RedisServer();

  // For RedisConnection.
  std::string address() const { return folder_.path() + "/redis.sock"; }

  // Ends the server as a restart of the service would; the data stay.
  void Stop();

  // Returns when it answers. Nothing if it runs. Thaws it if it is frozen.
  void Start();

  // SIGSTOP: connections stay, connecting works, no answer comes.
  void Freeze();
  void Thaw();

  void FlushAll();

  // Runs a command. Gives the text of a string, the digits of an integer, "(nil)", the error's text, or an array's
  // elements joined by spaces. Throws std::runtime_error if the server does not answer.
  std::string Execute(const std::vector<std::string>& command);

 private:
  TempFolder folder_;
  std::unique_ptr<ChildProcess> process_;
};

// The one server of this test binary, started at the first call and stopped at the end. A test that stops or freezes
// it calls Start() in its teardown.
RedisServer& TestRedis();

#endif  // TESTS_SUPPORT_REDIS_SERVER_H_
