#include "workers/common/http.h"

#include <optional>
#include <string>
#include <utility>

#include "tests/support/checks.h"

namespace shop {

TEST_GROUP(Http){};

TEST(Http, EveryStatusTheShopAnswersWithHasItsPhrase) {
  const std::pair<int, const char*> kCases[] = {{200, "OK"},
                                                {204, "No Content"},
                                                {400, "Bad Request"},
                                                {404, "Not Found"},
                                                {409, "Conflict"},
                                                {413, "Content Too Large"},
                                                {422, "Unprocessable Content"},
                                                {405, "Method Not Allowed"},
                                                {500, "Internal Server Error"},
                                                {503, "Service Unavailable"}};
  for (const auto& [status, phrase] : kCases) CHECK_EQUAL(std::string(phrase), std::string(ReasonPhrase(status)));
}

TEST(Http, AnyOtherStatusHasAnEmptyPhrase) {
  for (const int status : {0, 100, 201, 418, 502, 999}) CHECK_EQUAL(std::string(), std::string(ReasonPhrase(status)));
}

TEST(Http, AHeaderIsFoundByItsNameAndOfSeveralAllValues) {
  const HttpRequest request{"GET", "/", "", {{"a", "1"}, {"empty", ""}, {"ab", "2"}, {"a", ""}, {"a", "3, 4"}}, ""};
  CHECK_EQUAL(std::optional<std::string>("1, , 3, 4"), request.Header("a"));
  CHECK_EQUAL(std::optional<std::string>(""), request.Header("empty"));
  CHECK_EQUAL(std::optional<std::string>("2"), request.Header("ab"));
  CHECK_FALSE(request.Header("b").has_value());
}

TEST(Http, AResponseIs200UnlessSaidOtherwise) {
  CHECK_EQUAL(200, HttpResponse().status);
  CHECK(HttpResponse().headers.empty());
}

}  // namespace shop
