#ifndef TESTS_SUPPORT_REDIS_SERVER_H_
#define TESTS_SUPPORT_REDIS_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/temp_folder.h"
#include "workers/common/redis_address.h"

// A redis-server for the tests, on a unix socket in a folder of its own, as durable as the shop's.
class RedisServer {
 public:
  // Starts the server. `options` are more options of its command line.
  explicit RedisServer(std::vector<std::string> options = {});

  shop::RedisAddress address() const { return *shop::ParseRedisAddress(folder_.path() + "/redis.sock"); }

  // Ends the server, as a restart of the service would. The data stay.
  void Stop();

  // Starts the server if it does not run, thaws it if it is frozen, and returns when it answers.
  void Start();

  // Sends SIGSTOP: connections stay, connecting works, no answer comes.
  void Freeze();
  void Thaw();

  void FlushAll();

  // Runs a command. Gives the text of a string, the digits of an integer, "(nil)", the error's text, or an array's
  // elements joined by spaces. Throws std::runtime_error if the server does not answer.
  std::string Execute(const std::vector<std::string>& command);

 private:
  TempFolder folder_;
  std::vector<std::string> options_;
  std::unique_ptr<ChildProcess> process_;
};

// The one server of this test program: it starts at the first call and stops at the end. A test that stops or freezes
// it must call Start() in its teardown.
RedisServer& TestRedis();

#endif  // TESTS_SUPPORT_REDIS_SERVER_H_
