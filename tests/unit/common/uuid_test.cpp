#include "workers/common/uuid.h"

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

#include "tests/support/checks.h"
#include "tests/support/wait_until.h"

namespace shop {
namespace {

int64_t NowInMilliseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

int64_t TimeOf(const std::string& uuid) {
  return std::stoll(uuid.substr(0, 8) + uuid.substr(9, 4), nullptr, 16);
}

}  // namespace

TEST_GROUP(Uuid){};

TEST(Uuid, HasTheFormVersionAndVariantOfRfc9562) {
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = NewUuid();
    CHECK_EQUAL(size_t{36}, uuid.size());
    for (size_t at = 0; at < uuid.size(); ++at) {
      const bool is_dash = at == 8 || at == 13 || at == 18 || at == 23;
      const char* allowed = is_dash ? "-" : "0123456789abcdef";
      CHECK_TEXT(std::string(allowed).find(uuid[at]) != std::string::npos, uuid.c_str());
    }
    CHECK_EQUAL('7', uuid[14]);
    CHECK_TEXT(std::string("89ab").find(uuid[19]) != std::string::npos, uuid.c_str());
  }
}

TEST(Uuid, BeginsWithTheTime) {
  const int64_t before = NowInMilliseconds();
  const int64_t time = TimeOf(NewUuid());
  CHECK(before <= time);
  CHECK(time <= NowInMilliseconds());
}

TEST(Uuid, OfALaterMillisecondIsGreater) {
  const std::string first = NewUuid();
  CHECK(WaitUntil([&] { return NowInMilliseconds() > TimeOf(first); }));
  CHECK(first < NewUuid());
}

TEST(Uuid, IsNeverTheSame) {
  std::set<std::string> seen;
  std::set<std::string> random_parts;
  for (int i = 0; i < 20'000; ++i) {
    const std::string uuid = NewUuid();
    CHECK(seen.insert(uuid).second);
    CHECK(random_parts.insert(uuid.substr(14)).second);
  }
}

TEST(Uuid, IsToldFromOtherTexts) {
  CHECK(IsUuid(NewUuid()));
  CHECK(IsUuid("019a0000-0000-7000-8000-00000000abcf"));
  for (const char* text :
       {"", "no UUID", "019a0000-0000-7000-8000-00000000abc", "019a0000-0000-7000-8000-00000000abcff",
        "019a0000-0000-7000-8000-00000000ABCD", "019a0000-0000-7000-8000-00000000abcg",
        "019a000000000-7000-8000-00000000abcd", "019a0000-0000-7000-8000000-0000-abcd"}) {
    CHECK_FALSE_TEXT(IsUuid(text), text);
  }
}

}  // namespace shop
