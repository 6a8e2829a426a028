#include "workers/common/etag.h"

#include <set>
#include <string>

#include "tests/support/checks.h"

namespace shop {

TEST_GROUP(Etag){};

// The known hashes of XXH3_128bits, which no release of the library may change.
TEST(Etag, IsTheTextsHashInQuotes) {
  CHECK_EQUAL(std::string("\"99aa06d3014798d86001c324468d497f\""), EntityTag(""));
  CHECK_EQUAL(std::string("\"06b05ab6733a618578af5f94892f3950\""), EntityTag("abc"));
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

}  // namespace shop
