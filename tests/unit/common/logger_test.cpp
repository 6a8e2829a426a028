#include "workers/common/logger.h"

#include <algorithm>
#include <string>
#include <vector>

#include "tests/support/checks.h"
#include "tests/support/stderr_capture.h"
#include "workers/common/json.h"

namespace shop {

TEST_GROUP(Logger) {
  StderrCapture log;
  Logger logger{"test-worker", LogLevel::kInfo};

  // The member `name` of the one line that was logged.
  std::string Member(const char* name) {
    return MemberOf(log.TakeLines(), name);
  }

  static std::string MemberOf(const std::vector<std::string>& lines, const char* name) {
    CHECK_EQUAL(size_t{1}, lines.size());
    JsonDocument document;
    CHECK_OK(JsonDocument::Parse(lines[0], &document));
    const std::optional<JsonValue> value = document.root().Find(name);
    return value ? std::string(value->text()) : "(absent)";
  }
};

TEST(Logger, WritesOneJsonObjectAndANewline) {
  logger.Log(events::kRequest, "hello");
  const std::string text = log.Take();
  CHECK(text.ends_with("}\n"));
  const std::vector<std::string> lines = {text};
  CHECK_EQUAL(std::string("info"), MemberOf(lines, "level"));
  CHECK_EQUAL(std::string("test-worker"), MemberOf(lines, "part"));
  CHECK_EQUAL(std::string("hello"), MemberOf(lines, "message"));
  CHECK_EQUAL(std::string("(absent)"), MemberOf(lines, "request_id"));
}

TEST(Logger, ALineHasItsEventAndItsFields) {
  logger.Log(events::kPeerSlow, "hello", [](JsonWriter* json) { json->Key("order_id").Int(7); });
  const std::string line = log.Take();
  STRCMP_CONTAINS(R"("event":"peer_slow")", line.c_str());
  STRCMP_CONTAINS(R"("message":"hello","order_id":7})", line.c_str());
}

TEST(Logger, TimeIsUtcWithMilliseconds) {
  logger.Log(events::kRequest, "hello");
  std::string time = Member("time");
  std::replace_if(
      time.begin(), time.end(), [](char c) { return c >= '0' && c <= '9'; }, '9');
  CHECK_EQUAL(std::string("9999-99-99T99:99:99.999Z"), time);
}

TEST(Logger, NamesTheLevels) {
  logger.Log(events::kPeerSlow, "");
  CHECK_EQUAL(std::string("warning"), Member("level"));
  logger.Log(events::kRequestFailed, "");
  CHECK_EQUAL(std::string("error"), Member("level"));
}

TEST(Logger, DropsWhatIsBelowItsLevel) {
  const Logger quiet("test-worker", LogLevel::kWarning);
  CHECK_FALSE(quiet.IsEnabled(LogLevel::kInfo));
  CHECK(quiet.IsEnabled(LogLevel::kWarning));
  CHECK(quiet.IsEnabled(LogLevel::kError));
  quiet.Log(events::kRequest, "dropped");
  CHECK_EQUAL(std::string(), log.Take());
}

TEST(Logger, RequestIdIsInEachLineWhileItIsSet) {
  logger.set_request_id("r-1");
  logger.Log(events::kRequest, "first");
  CHECK_EQUAL(std::string("r-1"), Member("request_id"));
  logger.set_request_id("");
  logger.Log(events::kRequest, "second");
  CHECK_EQUAL(std::string("(absent)"), Member("request_id"));
}

TEST(Logger, AMessageIsOneLineWhateverIsInIt) {
  const std::string message("a\nb\r\"quoted\"\\\0\x1B[31m", 19);
  logger.Log(events::kRequest, message);
  CHECK_EQUAL(message, Member("message"));
}

TEST(Logger, WhatIsNotUtf8StillMakesALineOfJson) {
  logger.Log(events::kRequest, "GET /\xFF 500: the reason");
  const std::string message = Member("message");
  CHECK_TEXT(message.starts_with("GET /") && message.ends_with(" 500: the reason"), message.c_str());
}

TEST(Logger, ARequestIdThatIsNotUtf8StillMakesALineOfJson) {
  logger.set_request_id("r\xFF");
  logger.Log(events::kRequest, "hello");
  CHECK_EQUAL(std::string("hello"), Member("message"));
}

}  // namespace shop
