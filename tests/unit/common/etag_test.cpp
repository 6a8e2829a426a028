#include "workers/common/etag.h"

#include <set>
#include <string>

#include "tests/support/checks.h"

namespace shop {

TEST_GROUP(Etag){};

TEST(Etag, IsTheTextsHashInQuotes) {
  const std::string tag = EntityTag("abc");
  CHECK_EQUAL(tag, EntityTag(std::string("abc")));
  CHECK(tag.size() > 2 && tag.front() == '"' && tag.back() == '"');
  CHECK_EQUAL(tag.size() - 1, tag.find_first_not_of("0123456789abcdef", 1));
}

TEST(Etag, TellsEveryByteAndItsPlace) {
  std::set<std::string> tags;
  const std::string page(11'000, ' ');
  for (size_t at = 0; at < page.size(); ++at) {
    for (const char byte : {'\0', '\xFF'}) {
      std::string changed = page;
      changed[at] = byte;
      CHECK(tags.insert(EntityTag(changed)).second);
    }
  }
  CHECK(tags.insert(EntityTag(page)).second);
  CHECK(tags.insert(EntityTag(page + " ")).second);
}

TEST(Etag, IsNamedByAnIfNoneMatchAloneOrAmongOthersWeakOrNot) {
  for (const char* header : {"*", R"("ab")", R"(W/"ab")", R"("x", "ab")", R"("ab","x")"}) {
    CHECK_TEXT(IfNoneMatchNames(header, R"("ab")"), header);
  }
  for (const char* header : {"", "**", "ab", R"("a")", R"("abc")", R"("xab")", R"("x, ab")"}) {
    CHECK_FALSE_TEXT(IfNoneMatchNames(header, R"("ab")"), header);
  }
}

}  // namespace shop
