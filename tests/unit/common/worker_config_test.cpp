#include "workers/common/worker_config.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/support/checks.h"
#include "tests/support/temp_folder.h"

namespace shop {

TEST_GROUP(WorkerConfig) {
  TempFolder folder;
  std::string password_file = folder.path() + "/password";
  Environment environment;

  void setup() override {
    teardown();
    setenv("REDIS_ADDRESS", "/run/redis.sock", 1);
  }
  void teardown() override {
    for (const char* name : {"REDIS_ADDRESS", "REDIS_USERNAME", "REDIS_PASSWORD_FILE", "REDIS_TIMEOUT_MS",
                             "SLOW_REQUEST_MS", "LOG_LEVEL"}) {
      unsetenv(name);
    }
  }

  std::string ErrorWith(const char* name, const char* value) {
    setenv(name, value, 1);
    environment = {};
    ReadWorkerConfig(&environment);
    return environment.error();
  }
};

TEST(WorkerConfig, TheAddressOfRedisIsEnough) {
  const WorkerConfig config = ReadWorkerConfig(&environment);
  CHECK_EQUAL(std::string(), environment.error());
  CHECK_EQUAL(std::string("/run/redis.sock"), config.redis.socket);
  CHECK_EQUAL(std::string(), config.redis.username + config.redis.password_file);
  CHECK(config.redis_timeout == std::chrono::seconds(1));
  CHECK(config.slow_request == std::chrono::milliseconds(500));
  CHECK(config.log_level == LogLevel::kWarning);
}

TEST(WorkerConfig, EachSettingIsRead) {
  std::ofstream(password_file) << "s3cret\n";
  setenv("REDIS_ADDRESS", "[::1]:6379", 1);
  setenv("REDIS_USERNAME", "orders", 1);
  setenv("REDIS_PASSWORD_FILE", password_file.c_str(), 1);
  setenv("REDIS_TIMEOUT_MS", "250", 1);
  setenv("SLOW_REQUEST_MS", "100", 1);
  setenv("LOG_LEVEL", "info", 1);
  const WorkerConfig config = ReadWorkerConfig(&environment);
  CHECK_EQUAL(std::string(), environment.error());
  CHECK_EQUAL(std::string("::1:6379"), config.redis.Text());
  CHECK_EQUAL(std::string("orders"), config.redis.username);
  CHECK_EQUAL(password_file, config.redis.password_file);
  CHECK(config.redis_timeout == std::chrono::milliseconds(250));
  CHECK(config.slow_request == std::chrono::milliseconds(100));
  CHECK(config.log_level == LogLevel::kInfo);
}

TEST(WorkerConfig, AnAddressThatIsNoneIsNotShown) {
  for (const char* address : {"127.0.0.1:port", "redis://:s3cret@localhost:6379"}) {
    CHECK_EQUAL(std::string("REDIS_ADDRESS must be the path of a unix socket, or host:port as in localhost:6379"),
                ErrorWith("REDIS_ADDRESS", address));
  }
}

TEST(WorkerConfig, AUserHasAPassword) {
  const std::string refusal = "REDIS_USERNAME must be a name without blanks, beside REDIS_PASSWORD_FILE";
  CHECK_EQUAL(refusal, ErrorWith("REDIS_USERNAME", "orders"));
  std::ofstream(password_file) << "s3cret\n";
  setenv("REDIS_PASSWORD_FILE", password_file.c_str(), 1);
  CHECK_EQUAL(refusal, ErrorWith("REDIS_USERNAME", "the orders"));
  CHECK_EQUAL(std::string(), ErrorWith("REDIS_USERNAME", "orders"));
  CHECK_EQUAL(std::string(), ErrorWith("REDIS_USERNAME", ""));
}

TEST(WorkerConfig, APasswordsFileThatCannotBeUsedIsToldWithoutItsPath) {
  CHECK_EQUAL(
      std::string("REDIS_PASSWORD_FILE must be the path of a file whose only line is the password: No such file "
                  "or directory"),
      ErrorWith("REDIS_PASSWORD_FILE", "/nowhere/s3cret"));
}

TEST(WorkerConfig, WhatIsWrongIsNamed) {
  CHECK(ErrorWith("LOG_LEVEL", "loud").starts_with("LOG_LEVEL "));
  CHECK(ErrorWith("REDIS_TIMEOUT_MS", "0").starts_with("REDIS_TIMEOUT_MS "));
  CHECK(ErrorWith("REDIS_ADDRESS", "").starts_with("REDIS_ADDRESS "));
}

}  // namespace shop
