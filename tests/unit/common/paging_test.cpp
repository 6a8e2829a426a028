#include "workers/common/paging.h"

#include <initializer_list>
#include <string>
#include <utility>

#include "tests/support/checks.h"

namespace shop {
namespace {

// A page of strings that have these sizes in JSON, their quotes included.
Page<std::string> PageOf(std::initializer_list<size_t> sizes, bool has_more = false) {
  Page<std::string> page{{}, has_more};
  for (const size_t size : sizes) page.items.emplace_back(size - 2, 'x');
  return page;
}

std::string Write(Page<std::string>* page) {
  return WritePage([](const std::string& item, JsonWriter* json) { json->String(item); }, page);
}

}  // namespace

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

TEST(Paging, APageIsAnArrayOfItsItems) {
  for (const bool has_more : {false, true}) {
    Page<std::string> page = PageOf({3, 3}, has_more);
    CHECK_EQUAL(std::string(R"(["x","x"])"), Write(&page));
    CHECK_EQUAL(size_t{2}, page.items.size());
    CHECK_EQUAL(has_more, page.has_more);
  }
  Page<std::string> empty;
  CHECK_EQUAL(std::string("[]"), Write(&empty));
  CHECK_FALSE(empty.has_more);
}

TEST(Paging, APageMayHaveExactlyTheMaximumSize) {
  Page<std::string> page = PageOf({1000, kMaxPageSize - 1003});  // Three bytes are for two brackets and a comma.
  CHECK_EQUAL(kMaxPageSize, Write(&page).size());
  CHECK_EQUAL(size_t{2}, page.items.size());
  CHECK_FALSE(page.has_more);
}

TEST(Paging, APageEndsBeforeTheItemThatDoesNotFit) {
  Page<std::string> page = PageOf({1000, 1000, kMaxPageSize - 2003, 3});
  CHECK_EQUAL(size_t{2003}, Write(&page).size());
  CHECK_EQUAL(size_t{2}, page.items.size());
  CHECK(page.has_more);
}

TEST(Paging, ALargeItemHasAPageOfItsOwn) {
  Page<std::string> page = PageOf({2 * kMaxPageSize, 3});
  CHECK_EQUAL(2 * kMaxPageSize + 2, Write(&page).size());
  CHECK_EQUAL(size_t{1}, page.items.size());
  CHECK(page.has_more);
  Page<std::string> last = PageOf({2 * kMaxPageSize});
  CHECK_EQUAL(2 * kMaxPageSize + 2, Write(&last).size());
  CHECK_FALSE(last.has_more);
}

}  // namespace shop
