#include "workers/common/redis.h"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/checks.h"
#include "tests/support/connection_cases.h"
#include "tests/support/redis_server.h"

namespace shop {
namespace {

using namespace std::chrono_literals;

constexpr auto kRedisTimeout = 400ms;

constexpr RedisScript kSet{"set", "redis.call('SET', KEYS[1], ARGV[1]) return ARGV[1]"};
constexpr RedisScript kGet{"get", "return redis.call('GET', KEYS[1])"};
constexpr RedisScript kFail{"fail", "return redis.call('LPUSH', KEYS[1], 'x')"};
constexpr const RedisScript* kScripts[] = {&kSet, &kGet, &kFail};

constexpr RedisScript kBrokenScript{"broken", "this is not Lua"};
constexpr const RedisScript* kBrokenScripts[] = {&kBrokenScript};

}  // namespace

TEST_GROUP(Redis) {
  RedisServer& server = TestRedis();
  RedisConnection redis{server.address(), kScripts, kRedisTimeout};
  std::vector<RedisReply> replies;
  RedisReply reply;

  void setup() override {
    server.FlushAll();
  }
  void teardown() override {
    server.Start();
  }

  Status Read(const std::vector<RedisCommand>& commands) {
    return redis.Read(commands, &replies);
  }
  Status Get(const std::string& key) {
    return Read({{"GET", key}});
  }

  Status Set(const std::string& key, const std::string& value) {
    return redis.WriteScript(kSet, std::vector{key}, std::vector{value}, &reply);
  }

  Status SendSet(const std::string& key, const std::string& value) {
    return redis.SendScript(kSet, std::vector{key}, std::vector{value});
  }

  int64_t ConnectionId() {
    CHECK_OK(Read({{"CLIENT", "ID"}}));
    return replies[0].value().Integer();
  }

  std::string Text(size_t i = 0) const {
    return std::string(replies.at(i).value().Text());
  }
};

TEST(Redis, RepliesComeInTheOrderOfTheCommands) {
  server.Execute({"HSET", "h", "a", "1", "b", "2"});
  server.Execute({"SET", "s", "text"});
  CHECK_OK(Read({{"GET", "s"}, {"GET", "absent"}, {"HMGET", "h", "b", "x", "a"}, {"HLEN", "h"}}));
  CHECK_EQUAL(size_t{4}, replies.size());
  CHECK_EQUAL(std::string("text"), Text(0));
  CHECK(replies[1].value().IsNil());
  CHECK_EQUAL(size_t{3}, replies[2].value().size());
  CHECK_EQUAL(std::string_view("2"), replies[2].value()[0].Text());
  CHECK(replies[2].value()[1].IsNil());
  CHECK_EQUAL(int64_t{2}, replies[3].value().Integer());
}

TEST(Redis, NoCommandsAreNoRoundTrip) {
  CHECK_OK(Read({}));
  CHECK(replies.empty());
}

TEST(Redis, AValueOfAnotherTypeIsEmptyOrZero) {
  server.Execute({"SET", "s", "5"});
  CHECK_OK(Read({{"GET", "s"}, {"STRLEN", "s"}, {"GET", "absent"}}));
  CHECK_EQUAL(int64_t{0}, replies[0].value().Integer());
  CHECK_EQUAL(size_t{0}, replies[0].value().size());
  CHECK_EQUAL(std::string_view(), replies[1].value().Text());
  CHECK_EQUAL(std::string_view(), replies[2].value().Text());
}

TEST(Redis, KeysAndValuesAreAnyBytes) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
  all += "\r\n$3\r\n";
  CHECK_OK(Set(all, all));
  CHECK_EQUAL(all, std::string(reply.value().Text()));
  CHECK_OK(Get(all));
  CHECK_EQUAL(all, Text());
}

TEST(Redis, ALargePipelineGoesThrough) {
  const std::string value(10'000, 'x');
  CHECK_OK(Set("k", value));
  RedisConnection patient(server.address(), {}, 10s);  // It is 10 MB, and the machine may be busy.
  CHECK_OK(patient.Read(std::vector<RedisCommand>(1000, {"GET", "k"}), &replies));
  CHECK_EQUAL(size_t{1000}, replies.size());
  CHECK_EQUAL(value, Text(999));
}

TEST(Redis, ScriptsWriteAndRead) {
  CHECK_OK(Set("k", "v"));
  CHECK_EQUAL(std::string("v"), server.Execute({"GET", "k"}));
  CHECK_OK(redis.ReadScript(kGet, std::vector<std::string>{"k"}, {}, &reply));
  CHECK_EQUAL(std::string_view("v"), reply.value().Text());
}

TEST(Redis, AnErrorReplyIsUnexpectedAndThePipelineStaysInStep) {
  server.Execute({"SET", "s", "text"});
  CHECK_STATUS(StatusCode::kUnexpected, Read({{"STRLEN"}, {"GET", "s"}, {"NOSUCHCOMMAND"}, {"GET", "s"}}));
  for (int i = 0; i < 3; ++i) {
    CHECK_OK(Read({{"GET", "s"}, {"STRLEN", "s"}}));
    CHECK_EQUAL(std::string("text"), Text(0));
    CHECK_EQUAL(int64_t{4}, replies[1].value().Integer());
  }
}

TEST(Redis, OfSeveralErrorsTheFirstIsTold) {
  server.Execute({"SET", "s", "text"});
  const Status status = Read({{"GET", "s"}, {"HGETALL", "s"}, {"STRLEN"}, {"NOSUCHCOMMAND"}});
  STRCMP_CONTAINS("'strlen'", status.detail().c_str());
}

TEST(Redis, AKeyOfAnotherTypeIsNilToReads) {
  server.Execute({"SET", "s", "text"});
  CHECK_OK(Read({{"HGETALL", "s"}, {"GET", "s"}}));
  CHECK(replies[0].value().IsNil());
  CHECK_EQUAL(size_t{0}, replies[0].value().size());
  CHECK_EQUAL(std::string_view(), replies[0].value().Text());
  CHECK_EQUAL(std::string("text"), Text(1));
}

TEST(Redis, WritesThatAreRefusedForNowAreToldFromAServerThatIsAway) {
  CHECK_OK(redis.Ping());
  server.Execute({"CONFIG", "SET", "maxmemory", "1"});
  const Status set = Set("k", "v");
  const Status ping = redis.Ping();
  server.Execute({"CONFIG", "SET", "maxmemory", "0"});
  for (const Status& status : {set, ping}) {
    CHECK_STATUS(StatusCode::kUnavailable, status);
    CHECK_TRUE(status.is_read_only());
  }
  server.Stop();
  CHECK_STATUS(StatusCode::kUnavailable, redis.Ping());
  CHECK_FALSE(redis.Ping().is_read_only());
}

TEST(Redis, AScriptThatFailsIsUnexpected) {
  server.Execute({"SET", "s", "text"});
  CHECK_STATUS(StatusCode::kUnexpected, redis.WriteScript(kFail, std::vector<std::string>{"s"}, {}, &reply));
  CHECK_OK(Get("s"));
}

TEST(Redis, AScriptThatIsSentRunsAndHasNoReply) {
  const int64_t connection = ConnectionId();
  CHECK_OK(SendSet("k", "v"));
  CHECK_OK(Get("k"));
  CHECK_EQUAL(std::string("v"), Text());
  CHECK_OK(SendSet("k", "w"));
  CHECK_EQUAL(std::string("w"), server.Execute({"GET", "k"}));  // By now it has run.
  CHECK_OK(Set("other", "x"));
  CHECK_EQUAL(std::string_view("x"), reply.value().Text());
  CHECK_OK(SendSet("k", "y"));
  CHECK_OK(SendSet("k", "z"));
  CHECK_EQUAL(connection, ConnectionId());
  CHECK_EQUAL(std::string("z"), server.Execute({"GET", "k"}));
}

TEST(Redis, AScriptThatWasSentAndFailsHasNoReplyEither) {
  CHECK_OK(Set("k", "v"));
  CHECK_OK(redis.SendScript(kFail, std::vector<std::string>{"k"}, {}));
  CHECK_OK(Get("k"));
  CHECK_EQUAL(std::string("v"), Text());
}

TEST(Redis, SendingAScriptDoesNotWaitForTheServer) {
  CHECK_OK(Set("k", "v"));
  server.Freeze();
  CHECK_OK(SendSet("k", "w"));
  server.Thaw();
  CHECK_OK(Get("k"));
  CHECK_EQUAL(std::string("w"), Text());
}

TEST(Redis, AScriptThatIsNotLuaIsUnexpected) {
  RedisConnection other(server.address(), kBrokenScripts, kRedisTimeout);
  CHECK_STATUS(StatusCode::kUnexpected, other.WriteScript(kBrokenScript, {}, {}, &reply));
}

TEST(Redis, AServerThatRefusesForNowIsUnavailable) {
  CHECK_OK(Set("k", "before"));
  server.Execute({"CONFIG", "SET", "min-replicas-to-write", "1"});  // There is no replica.
  const Status refused = Set("k", "after");
  server.Execute({"CONFIG", "SET", "min-replicas-to-write", "0"});
  CHECK_STATUS(StatusCode::kUnavailable, refused);
  CHECK_EQUAL(std::string("before"), server.Execute({"GET", "k"}));
  CHECK_OK(Set("k", "after"));
}

TEST(Redis, ScriptsThatWereFlushedAreLoadedAgainAtOnceOnTheSameConnection) {
  CHECK_OK(Set("k", "v"));
  const int64_t connection = ConnectionId();
  server.Execute({"SCRIPT", "FLUSH"});
  CHECK_OK(Set("k", "w"));
  CHECK_EQUAL(std::string("w"), server.Execute({"GET", "k"}));
  server.Execute({"SCRIPT", "FLUSH"});
  CHECK_OK(redis.ReadScript(kGet, std::vector<std::string>{"k"}, {}, &reply));
  CHECK_EQUAL(std::string_view("w"), reply.value().Text());
  CHECK_EQUAL(connection, ConnectionId());
}

TEST(Redis, ScriptsThatOneConnectionHasLoadedAgainAreThereForTheOthers) {
  RedisConnection other(server.address(), kScripts, kRedisTimeout);
  CHECK_OK(other.ReadScript(kGet, std::vector<std::string>{"k"}, {}, &reply));
  CHECK_OK(Set("k", "v"));
  server.Execute({"SCRIPT", "FLUSH"});
  CHECK_OK(Set("k", "w"));
  server.Execute({"CONFIG", "RESETSTAT"});
  CHECK_OK(other.ReadScript(kGet, std::vector<std::string>{"k"}, {}, &reply));
  CHECK_EQUAL(std::string_view("w"), reply.value().Text());
  CHECK_EQUAL(std::string::npos, server.Execute({"INFO", "commandstats"}).find("cmdstat_script"));
}

TEST(Redis, AScriptThatWasSentAfterAFlushIsLostAndTheNextOneRuns) {
  CHECK_OK(Set("k", "v"));
  server.Execute({"SCRIPT", "FLUSH"});
  CHECK_OK(SendSet("k", "lost"));
  CHECK_OK(Get("k"));
  CHECK_EQUAL(std::string("v"), Text());
  CHECK_OK(SendSet("k", "lost, too"));
  CHECK_OK(Set("other", "x"));
  CHECK_EQUAL(std::string("v"), server.Execute({"GET", "k"}));
  CHECK_OK(SendSet("k", "w"));
  CHECK_OK(Get("k"));
  CHECK_EQUAL(std::string("w"), Text());
}

// Redis takes commands again by then. It answers that it does not have the script, and refuses to load it.
TEST(Redis, ScriptsThatCannotBeLoadedAgainAreUnavailable) {
  CHECK_OK(Set("k", "v"));
  server.Execute({"SCRIPT", "FLUSH"});
  server.Execute({"ACL", "SETUSER", "default", "-script"});
  const Status status = Set("k", "w");
  server.Execute({"ACL", "SETUSER", "default", "+script"});
  CHECK_FALSE(status.ok());
  CHECK_FALSE(status.Is(StatusCode::kUnknownOutcome));
  CHECK_EQUAL(std::string("v"), server.Execute({"GET", "k"}));
  CHECK_OK(Set("k", "w"));
}

TEST(Redis, AFrozenServerIsUnavailableAfterOneTimeout) {
  CHECK_OK(Set("k", "v"));
  server.Freeze();
  CheckTakesAtMost(kRedisTimeout * 7 / 4, StatusCode::kUnavailable, [&] { return Get("k"); });
  CheckTakesAtMost(kRedisTimeout * 7 / 4, StatusCode::kUnavailable, [&] { return Get("k"); });
  server.Thaw();
  CHECK_OK(Get("k"));
  CHECK_EQUAL(std::string("v"), Text());
}

TEST(Redis, AWriteToAServerThatFreezesHasAnUnknownOutcomeAndIsNotRepeated) {
  CHECK_OK(Set("k", "v"));
  server.Freeze();
  CheckTakesAtMost(2 * kRedisTimeout, StatusCode::kUnknownOutcome, [&] { return Set("k", "late"); });
  CheckTakesAtMost(2 * kRedisTimeout, StatusCode::kUnavailable, [&] { return Set("k", "never sent"); });
  server.Thaw();
  CHECK_OK(Get("k"));
  CHECK_EQUAL(std::string("late"), Text());  // It was sent, after all.
  CHECK_OK(Set("k", "next"));
}

TEST(Redis, ALateReplyIsNeverTakenForTheNextOne) {
  CHECK_OK(Set("k", "old"));
  server.Freeze();
  CHECK_STATUS(StatusCode::kUnknownOutcome, Set("other", "late"));
  server.Thaw();
  CHECK_OK(Get("k"));
  CHECK_EQUAL(std::string("old"), Text());
}

TEST(Redis, ItWorksAtOnceAfterARestart) {
  const auto get = [this] { return Get("k"); };
  const auto set = [this, n = 0]() mutable { return Set("k", std::to_string(++n)); };
  CheckWorksAtOnceAfterARestart(server, get, set);
  CHECK_EQUAL(std::string("2"), Text());
}

TEST(Redis, AScriptThatReadsWorksAtOnceAfterARestart) {
  CHECK_OK(Set("k", "v"));
  server.Stop();
  server.Start();
  CHECK_OK(redis.ReadScript(kGet, std::vector<std::string>{"k"}, {}, &reply));
  CHECK_EQUAL(std::string_view("v"), reply.value().Text());
}

TEST(Redis, EverythingWorksAtOnceAfterARestartThatFollowedASentScript) {
  const std::function<Status()> kOperations[] = {[&] { return Set("k", "x"); }, [&] { return SendSet("k", "x"); },
                                                 [&] { return Get("k"); }};
  for (const auto& operation : kOperations) {
    CHECK_OK(SendSet("k", "v"));
    CHECK_EQUAL(std::string("v"), server.Execute({"GET", "k"}));
    server.Stop();
    server.Start();
    CHECK_OK(operation());
    CHECK_OK(Set("k", "w"));
    CHECK_EQUAL(std::string_view("w"), reply.value().Text());
  }
}

TEST(Redis, AServerThatIsAwayIsUnavailableAtOnceAndFoundWhenItIsBack) {
  const auto get = [this] { return Get("k"); };
  const auto set = [this] { return Set("k", "v"); };
  CheckIsUnavailableWhileItIsAway(server, kRedisTimeout, get, set);
}

TEST(Redis, AConnectionThatTheServerClosedIsOpenedAnew) {
  CHECK_OK(Set("k", "v"));
  server.Execute({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  CHECK_OK(Get("k"));
  server.Execute({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  CHECK_OK(Set("k", "w"));
}

TEST(Redis, AnAddressWithAPortIsTcp) {
  server.Execute({"CONFIG", "SET", "bind", "127.0.0.1"});
  int port = 16391;  // Or the next port that is free.
  while (port < 65535 && server.Execute({"CONFIG", "SET", "port", std::to_string(port)}) != "OK") ++port;
  RedisConnection tcp(ParseRedisAddress("127.0.0.1:" + std::to_string(port)).value(), kScripts, kRedisTimeout);
  const Status status = tcp.WriteScript(kSet, std::vector<std::string>{"k"}, std::vector<std::string>{"v"}, &reply);
  server.Execute({"CONFIG", "SET", "port", "0"});
  CHECK_OK(status);
}

TEST(Redis, AnAddressWhereNobodyListensIsUnavailable) {
  for (const char* address : {"/nonexistent/redis.sock", "127.0.0.1:1", "[::1]:1", "nowhere.invalid:6379"}) {
    RedisConnection other(ParseRedisAddress(address).value(), kScripts, kRedisTimeout);
    CHECK_EQUAL_TEXT(StatusCode::kUnavailable, other.Read(std::vector<RedisCommand>{{"PING"}}, &replies).code(),
                     address);
  }
}

}  // namespace shop
