#include "workers/common/worker_config.h"

#include <cstdlib>

#include "tests/support/checks.h"

namespace shop {

TEST_GROUP(WorkerConfig) {
  Environment environment;

  void setup() override {
    teardown();
    setenv("REDIS_ADDRESS", "/run/redis.sock", 1);
  }
  void teardown() override {
    for (const char* name : {"REDIS_ADDRESS", "REDIS_TIMEOUT_MS", "LOG_LEVEL"}) unsetenv(name);
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
  CHECK_EQUAL(std::string("/run/redis.sock"), config.redis_address);
  CHECK(config.redis_timeout == std::chrono::seconds(1));
  CHECK(config.log_level == LogLevel::kWarning);
}

TEST(WorkerConfig, EachSettingIsRead) {
  setenv("REDIS_TIMEOUT_MS", "250", 1);
  setenv("LOG_LEVEL", "info", 1);
  const WorkerConfig config = ReadWorkerConfig(&environment);
  CHECK_EQUAL(std::string(), environment.error());
  CHECK(config.redis_timeout == std::chrono::milliseconds(250));
  CHECK(config.log_level == LogLevel::kInfo);
}

TEST(WorkerConfig, RedisIsAtAPathOrAtAHostsPort) {
  for (const char* address : {"/run/redis.sock", "/", "localhost:6379", "10.0.0.1:1", "::1:65535"}) {
    CHECK_EQUAL(std::string(), ErrorWith("REDIS_ADDRESS", address));
  }
}

TEST(WorkerConfig, AnAddressThatIsNoneIsNotShown) {
  for (const char* address : {"redis://:s3cret@localhost:6379", "s3cret@localhost:6379", "s3cret", ":6379", "s3cret:0",
                              "s3cret:65536", "s3cret:x", "redis.sock", "redis://s3cret:6379"}) {
    CHECK_EQUAL(std::string("REDIS_ADDRESS must be the path of a unix socket, or host:port"),
                ErrorWith("REDIS_ADDRESS", address));
  }
}

TEST(WorkerConfig, WhatIsWrongIsNamed) {
  CHECK(ErrorWith("LOG_LEVEL", "loud").starts_with("LOG_LEVEL "));
  CHECK(ErrorWith("REDIS_TIMEOUT_MS", "0").starts_with("REDIS_TIMEOUT_MS "));
  CHECK(ErrorWith("REDIS_ADDRESS", "").starts_with("REDIS_ADDRESS "));
}

}  // namespace shop
