#include "workers/common/paging.h"

#include <string>
#include <utility>

#include "tests/support/checks.h"

namespace shop {

TEST_GROUP(Paging){};

TEST(Paging, LimitIsFrom1To1000And100IfLeftOut) {
  const std::pair<const char*, size_t> kCases[] = {
      {"", 100}, {"after=x", 100}, {"limit=1", 1}, {"limit=1000", 1000}, {"limit=100", 100}, {"limit=%31&x=y", 1}};
  for (const auto& [query, expected] : kCases) {
    size_t limit = 0;
    CHECK_OK(ParseLimit(query, &limit));
    CHECK_EQUAL_TEXT(expected, limit, query);
  }
}

TEST(Paging, AnyOtherLimitIsMalformed) {
  for (const char* query : {"limit=0", "limit=1001", "limit=-1", "limit=+1", "limit=%2B1", "limit=01", "limit=1.0",
                            "limit=1e2", "limit=x", "limit=", "limit", "limit=1&limit=1", "limit=%31%20", "limit=%",
                            "limit=99999999999999999999999", "limit=1%00"}) {
    size_t limit = 7;
    CHECK_EQUAL_TEXT(StatusCode::kBadRequest, ParseLimit(query, &limit).code(), query);
    CHECK_EQUAL(size_t{7}, limit);
  }
}

TEST(Paging, TheNextPageIsALink) {
  HttpResponse response;
  AddNextLink("/orders?limit=100&after=100", &response);
  CHECK_EQUAL(size_t{1}, response.headers.size());
  CHECK_EQUAL(std::string("Link"), response.headers[0].first);
  CHECK_EQUAL(std::string("</orders?limit=100&after=100>; rel=\"next\""), response.headers[0].second);
}

}  // namespace shop
