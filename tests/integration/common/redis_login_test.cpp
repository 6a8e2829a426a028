#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/checks.h"
#include "tests/support/connection_cases.h"
#include "tests/support/redis_server.h"
#include "tests/support/temp_folder.h"
#include "workers/common/redis.h"

namespace shop {
namespace {

using namespace std::chrono_literals;

constexpr auto kLoginTimeout = 400ms;

constexpr RedisScript kLogin{"set", "return redis.call('SET', KEYS[1], ARGV[1])"};
constexpr const RedisScript* kLoginScripts[] = {&kLogin};

}  // namespace

// `shop` may use the keys that begin with "shop:".
TEST_GROUP(RedisLogin) {
  RedisServer& server = TestRedis();
  TempFolder folder;
  std::vector<RedisReply> replies;
  RedisReply reply;

  void setup() override {
    server.FlushAll();
    server.Execute(
        {"ACL", "SETUSER", "shop", "reset", "on", ">s3cret", "~shop:*", "+get", "+set", "+evalsha", "+acl", "+script"});
  }
  void teardown() override {
    server.Start();
    server.Execute({"ACL", "DELUSER", "shop"});
  }

  std::string File(const std::string& password) const {
    std::string path = folder.path() + "/password";
    std::ofstream(path) << password << "\n";
    return path;
  }

  RedisConnection ConnectionOf(const std::string& username, const std::string& password) const {
    RedisAddress address = server.address();
    address.username = username;
    address.password_file = File(password);
    return RedisConnection(address, kLoginScripts, kLoginTimeout);
  }

  Status Get(RedisConnection & redis, const std::string& key = "shop:1") {
    return redis.Read(std::vector<RedisCommand>{{"GET", key}}, &replies);
  }
  Status Set(RedisConnection & redis, const std::string& key) {
    return redis.WriteScript(kLogin, std::vector{key}, std::vector<std::string>{"v"}, &reply);
  }

  // Checks that `status` is the error that every request gets, with `reason` and without the password.
  static void CheckRefused(const char* reason, const Status& status) {
    CHECK_STATUS(StatusCode::kUnavailable, status);
    STRCMP_CONTAINS(reason, status.detail().c_str());
    CHECK_EQUAL(std::string::npos, status.detail().find("s3c"));
  }
};

TEST(RedisLogin, AUserWithItsPasswordReadsAndWrites) {
  RedisConnection redis = ConnectionOf("shop", "s3cret");
  CHECK_OK(Set(redis, "shop:1"));
  CHECK_OK(redis.Read(std::vector<RedisCommand>{{"ACL", "WHOAMI"}}, &replies));
  CHECK_EQUAL(std::string_view("shop"), replies[0].value().Text());
}

TEST(RedisLogin, AWrongPasswordIsUnavailableUntilItIsRight) {
  RedisConnection redis = ConnectionOf("shop", "s3crets");
  CheckRefused("redis: WRONGPASS ", Get(redis));
  CheckRefused("redis: WRONGPASS ", Set(redis, "shop:1"));
  File("s3cret");
  CHECK_OK(Set(redis, "shop:1"));
}

TEST(RedisLogin, AUserThatDoesNotExistOrIsOffIsUnavailable) {
  RedisConnection unknown = ConnectionOf("nobody", "s3cret");
  CheckRefused("redis: WRONGPASS ", Get(unknown));
  server.Execute({"ACL", "SETUSER", "shop", "off"});
  RedisConnection off = ConnectionOf("shop", "s3cret");
  CheckRefused("redis: WRONGPASS ", Get(off));
}

TEST(RedisLogin, TheDefaultUserNeedsNoName) {
  RedisServer locked;
  RedisAddress address = locked.address();
  locked.Execute({"CONFIG", "SET", "requirepass", "s3cret"});
  RedisConnection nobody(address, kLoginScripts, kLoginTimeout);
  CheckRefused("redis: NOAUTH ", Get(nobody));
  CheckRefused("redis: NOAUTH ", Set(nobody, "shop:1"));
  address.password_file = File("s3cret");
  RedisConnection redis(address, kLoginScripts, kLoginTimeout);
  CHECK_OK(Set(redis, "shop:1"));
}

TEST(RedisLogin, APasswordThatRedisDoesNotWantIsUnavailable) {
  RedisConnection redis = ConnectionOf("", "s3cret");
  CheckRefused("redis: ERR AUTH ", Get(redis));
}

TEST(RedisLogin, WhatTheUserMayNotDoIsUnavailableAndNotDone) {
  RedisConnection redis = ConnectionOf("shop", "s3cret");
  CheckRefused("redis: NOPERM ", Get(redis, "other:1"));
  CheckRefused("redis: NOPERM ", Set(redis, "other:1"));
  CheckRefused("redis: NOPERM ", redis.Read(std::vector<RedisCommand>{{"FLUSHALL"}}, &replies));
  CHECK_EQUAL(std::string("0"), server.Execute({"EXISTS", "other:1"}));
  CHECK_OK(Set(redis, "shop:1"));
}

TEST(RedisLogin, ANewPasswordIsReadForTheNextConnection) {
  RedisConnection redis = ConnectionOf("shop", "s3cret");
  CHECK_OK(Set(redis, "shop:1"));
  server.Execute({"ACL", "SETUSER", "shop", "resetpass", ">s3cond"});
  File("s3cond");
  CHECK_OK(Set(redis, "shop:1"));  // A connection that has logged in stays.
  server.Execute({"CLIENT", "KILL", "USER", "shop"});
  CHECK_OK(Set(redis, "shop:1"));
}

TEST(RedisLogin, AFileThatIsGoneIsUnavailableUntilItIsBack) {
  RedisAddress address = server.address();
  address.username = "shop";
  address.password_file = folder.path() + "/password";
  RedisConnection redis(address, kLoginScripts, kLoginTimeout);
  CheckRefused("redis: the file with the password: No such file or directory", Get(redis));
  File("s3cret");
  CHECK_OK(Get(redis));
}

TEST(RedisLogin, AnErrorThatRepeatsThePasswordIsNotShown) {
  RedisServer without_auth({"--rename-command", "AUTH", ""});
  RedisAddress address = without_auth.address();
  STRCMP_CONTAINS("s3cret", without_auth.Execute({"AUTH", "s3cret"}).c_str());
  address.password_file = File("s3cret");
  RedisConnection redis(address, kLoginScripts, kLoginTimeout);
  CheckRefused("redis: AUTH: an unknown error", Get(redis));
}

TEST(RedisLogin, AFrozenServerIsUnavailableAfterOneTimeout) {
  RedisConnection redis = ConnectionOf("shop", "s3cret");
  server.Freeze();
  CheckTakesAtMost(kLoginTimeout * 7 / 4, StatusCode::kUnavailable, [&] { return Get(redis); });
  server.Thaw();
  CHECK_OK(Get(redis));
}

}  // namespace shop
