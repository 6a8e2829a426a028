#include "workers/products/product_handlers.h"

#include <cstdint>
#include <string_view>

#include "tests/support/ask.h"
#include "tests/support/checks.h"
#include "tests/support/fake_product_store.h"
#include "tests/support/stderr_capture.h"

namespace shop {
namespace {

constexpr char kOdysseyBody[] =
    R"({"id":"the_odyssey","title":"The Odyssey","passenger_capacity":101,"maximum_speed":5,)"
    R"("in_stock":10})";
constexpr char kReplacement[] = R"({"title":"Ulysses","passenger_capacity":1,"maximum_speed":2,"in_stock":3})";
constexpr char kReplaced[] = R"({"id":"the_odyssey","title":"Ulysses","passenger_capacity":1,"maximum_speed":2,)"
                             R"("in_stock":3})";

struct RequestCase {
  const char* method;
  const char* url;
  const char* body;
};

// One request to each handler that uses the store.
constexpr RequestCase kRequests[] = {
    {"POST", "/products", kOdysseyBody},
    {"GET", "/products", ""},
    {"GET", "/products/the_odyssey", ""},
    {"HEAD", "/products/the_odyssey", ""},
    {"PUT", "/products/the_odyssey", kReplacement},
    {"PATCH", "/products/the_odyssey", "{}"},
    {"DELETE", "/products/the_odyssey", ""},
};

}  // namespace

TEST_GROUP(ProductHandlers) {
  StoreCalls calls;
  FakeProductStore store{&calls};
  StderrCapture log;
  Logger logger{"products", LogLevel::kWarning};
  Router router{ProductResources(&store), &logger};

  void setup() override {
    store.products["the_odyssey"] = {"the_odyssey", "The Odyssey", 101, 5, 10};
  }

  std::string SummaryOf(const RequestCase& request) {
    return Summary(Ask(router, request.method, request.url, request.body));
  }
  std::string BodyOf(const char* method, const char* url, const char* body = "") {
    return Ask(router, method, url, body).body;
  }
};

TEST(ProductHandlers, PostCreatesTheProductAndAnswersItsId) {
  store.products.clear();
  const HttpResponse response = Ask(router, "POST", "/products", kOdysseyBody);
  CHECK_EQUAL(200, response.status);
  CHECK_EQUAL(std::string(R"({"id":"the_odyssey"})"), response.body);
  CHECK_EQUAL(std::string("done the_odyssey"), HeaderOf(response, "X-Write"));
  CHECK_EQUAL(std::string("The Odyssey"), store.products["the_odyssey"].title);
}

TEST(ProductHandlers, PostReplacesTheProductWithThatId) {
  CHECK_EQUAL(std::string("200"), SummaryOf({"POST", "/products/", kReplaced}));
  CHECK_EQUAL(std::string("Ulysses"), store.products["the_odyssey"].title);
}

TEST(ProductHandlers, GetAnswersTheProduct) {
  const HttpResponse response = Ask(router, "GET", "/products/the_odyssey");
  CHECK_EQUAL(200, response.status);
  CHECK_EQUAL(std::string(kOdysseyBody), response.body);
}

TEST(ProductHandlers, ThePathIsPercentDecodedOnce) {
  store.products["a%2Fb \xC3\xA9"] = {"a%2Fb \xC3\xA9", "A", 0, 0, 0};
  CHECK_EQUAL(std::string("200"), SummaryOf({"GET", "/products/a%252Fb%20%c3%A9", ""}));
}

TEST(ProductHandlers, HeadIsAnsweredLikeGet) {
  CHECK_EQUAL(std::string("200"), SummaryOf({"HEAD", "/products/the_odyssey", ""}));
  CHECK_EQUAL(std::string("200"), SummaryOf({"HEAD", "/products", ""}));
  CHECK_EQUAL(404, Ask(router, "HEAD", "/products/the_iliad").status);
}

TEST(ProductHandlers, PutReplacesTheProductAndAnswersIt) {
  CHECK_EQUAL(std::string(kReplaced), BodyOf("PUT", "/products/the_odyssey", kReplacement));
  CHECK_EQUAL(std::string(kReplaced), BodyOf("GET", "/products/the_odyssey"));
}

TEST(ProductHandlers, PatchReplacesTheNamedFieldsAndAnswersTheProduct) {
  CHECK_EQUAL(std::string(R"({"id":"the_odyssey","title":"The Odyssey","passenger_capacity":101,"maximum_speed":5,)"
                          R"("in_stock":7})"),
              BodyOf("PATCH", "/products/the_odyssey", R"({"in_stock":7})"));
  CHECK_EQUAL(int64_t{7}, store.products["the_odyssey"].in_stock);
}

TEST(ProductHandlers, PatchThatNamesNothingAnswersTheProduct) {
  CHECK_EQUAL(std::string(kOdysseyBody), BodyOf("PATCH", "/products/the_odyssey", "{}"));
}

TEST(ProductHandlers, DeleteAnswers204WithoutABody) {
  const HttpResponse response = Ask(router, "DELETE", "/products/the_odyssey");
  CHECK_EQUAL(204, response.status);
  CHECK_EQUAL(std::string(), response.body);
  CHECK(store.products.empty());
}

// The edge goes by it (docs/architecture.md, "The edge cache").
TEST(ProductHandlers, EachWriteNamesItsProductAndNothingElseDoes) {
  for (const RequestCase& request : kRequests) {
    const bool is_read = std::string_view("GET HEAD").find(request.method) != std::string_view::npos;
    const HttpResponse response = Ask(router, request.method, request.url, request.body);
    CHECK(response.status < 300);
    CHECK_EQUAL_TEXT(is_read ? "" : ProductSlot("the_odyssey"), HeaderOf(response, "X-Changed"), request.method);
  }
  for (const RequestCase& request : kRequests) {
    calls.Fail(1, Status::Unavailable("gone"));
    CHECK_EQUAL(std::string(), HeaderOf(Ask(router, request.method, request.url, request.body), "X-Changed"));
  }
}

TEST(ProductHandlers, ThePathOfAWriteIsDecodedBeforeItsSlotIsTaken) {
  const HttpResponse response = Ask(router, "PATCH", "/products/the%5Fod%79ssey", "{}");
  CHECK_EQUAL(ProductSlot("the_odyssey"), HeaderOf(response, "X-Changed"));
}

TEST(ProductHandlers, ReadsAre304ForAClientThatHasTheAnswer) {
  for (const char* url : {"/products/the_odyssey", "/products"}) {
    const HttpResponse first = Ask(router, "GET", url);
    const std::string tag = HeaderOf(first, "ETag");
    CHECK_EQUAL(std::string("no-cache"), HeaderOf(first, "Cache-Control"));
    const HttpResponse again = Ask(router, "GET", url, "", {{"if-none-match", tag}});
    CHECK_EQUAL(304, again.status);
    CHECK_EQUAL(std::string(), again.body);
    CHECK_EQUAL(tag, HeaderOf(again, "ETag"));
    store.products["the_odyssey"].in_stock -= 1;
    CHECK_EQUAL(200, Ask(router, "GET", url, "", {{"if-none-match", tag}}).status);
  }
}

TEST(ProductHandlers, AProductThatDoesNotExistIs404) {
  for (const RequestCase& request : {RequestCase{"GET", "/products/the_iliad", ""},
                                     {"HEAD", "/products/the_iliad", ""},
                                     {"PUT", "/products/the_iliad", kReplacement},
                                     {"PATCH", "/products/the_iliad", "{}"},
                                     {"DELETE", "/products/the_iliad", ""}}) {
    CHECK_EQUAL_TEXT(std::string("404 PRODUCT_NOT_FOUND"), SummaryOf(request), request.method);
  }
  CHECK_EQUAL(std::string(R"({"error":"PRODUCT_NOT_FOUND","message":"Product ID the_iliad does not exist"})"),
              BodyOf("GET", "/products/the_iliad"));
  CHECK_EQUAL(size_t{1}, store.products.size());
}

TEST(ProductHandlers, WhatCannotBeAnIdIs404WithoutAskingTheStore) {
  const std::string too_long = "/products/" + std::string(129, 'a');
  for (const char* url :
       {"/products/a%2Fb", "/products/.", "/products/%2e%2E", "/products/%00", "/products/%FF", too_long.c_str()}) {
    for (const RequestCase& request :
         {RequestCase{"GET", url, ""}, {"PUT", url, kReplacement}, {"PATCH", url, "{}"}, {"DELETE", url, ""}}) {
      CHECK_EQUAL_TEXT(std::string("404 PRODUCT_NOT_FOUND"), SummaryOf(request), url);
    }
  }
  CHECK_EQUAL(std::string(), calls.TakeMade());
}

TEST(ProductHandlers, ABodyIsValidatedBeforeAnythingIsLookedUp) {
  for (const char* url : {"/products/the_odyssey", "/products/the_iliad", "/products/a%2Fb"}) {
    for (const char* method : {"PUT", "PATCH"}) {
      CHECK_EQUAL(std::string("400 VALIDATION_ERROR"), SummaryOf({method, url, R"({"in_stock":-1})"}));
      CHECK_EQUAL(std::string("400 BAD_REQUEST"), SummaryOf({method, url, "{"}));
    }
  }
  CHECK_EQUAL(std::string("400 VALIDATION_ERROR"), SummaryOf({"POST", "/products", "{}"}));
  CHECK_EQUAL(std::string(), calls.TakeMade());
}

TEST(ProductHandlers, AnotherIdInTheBodyThanInThePathIsAFault) {
  CHECK_EQUAL(std::string(R"({"error":"VALIDATION_ERROR","message":"The request has invalid fields.",)"
                          R"("fields":{"id":["Must be the id in the path."]}})"),
              BodyOf("PATCH", "/products/the_odyssey", R"({"id":"the_iliad"})"));
}

TEST(ProductHandlers, AnEmptyListIsAnEmptyArray) {
  store.products.clear();
  const HttpResponse response = Ask(router, "GET", "/products");
  CHECK_EQUAL(std::string("[]"), response.body);
  CHECK_EQUAL(std::string(), HeaderOf(response, "Link"));
}

TEST(ProductHandlers, AListWithMoreToComeLinksToTheNextPage) {
  store.products["a \"b\"&c"] = {"a \"b\"&c", "T", 0, 0, 0};
  const HttpResponse first = Ask(router, "GET", "/products?limit=1");
  CHECK_EQUAL(std::string("</products?limit=1&after=a%20%22b%22%26c>; rel=\"next\""), HeaderOf(first, "Link"));
  const HttpResponse second = Ask(router, "GET", "/products?limit=1&after=a%20%22b%22%26c");
  CHECK_EQUAL("[" + std::string(kOdysseyBody) + "]", second.body);
  CHECK_EQUAL(std::string(), HeaderOf(second, "Link"));
}

TEST(ProductHandlers, AListEndsBeforeTheProductThatDoesNotFit) {
  store.products.clear();
  for (int i = 1000; i < 2000; ++i) {
    const std::string id = "p" + std::to_string(i);
    store.products[id] = {id, std::string(256, '\1'), 1, 1, 1};
  }
  const HttpResponse page = Ask(router, "GET", "/products?limit=1000");
  CHECK(page.body.size() <= kMaxPageSize);
  CHECK(page.body.size() > kMaxPageSize - 2000);
  const std::string last = page.body.substr(page.body.rfind(R"({"id":")") + 7, 5);
  CHECK_EQUAL("</products?limit=1000&after=" + last + ">; rel=\"next\"", HeaderOf(page, "Link"));
}

TEST(ProductHandlers, AListHas100ProductsUnlessAskedForMore) {
  for (int i = 0; i < 150; ++i) {
    const std::string id = "p" + std::to_string(1000 + i);
    store.products[id] = {id, "T", 0, 0, 0};
  }
  CHECK_EQUAL(std::string("</products?limit=100&after=p1099>; rel=\"next\""),
              HeaderOf(Ask(router, "GET", "/products"), "Link"));
  CHECK_EQUAL(std::string(), HeaderOf(Ask(router, "GET", "/products?limit=151"), "Link"));
  CHECK_EQUAL(std::string(), HeaderOf(Ask(router, "GET", "/products?limit=1000"), "Link"));
}

TEST(ProductHandlers, AMalformedListParameterIs400) {
  for (const char* query : {"limit=0", "limit=1001", "limit=-1", "limit=01", "limit=1.0", "limit=x", "limit=", "limit",
                            "limit=1&limit=1", "after=", "after=a&after=b", "after=a%2Fb", "after=..", "after=%FF",
                            "after=%0", "after=%00", "limit=18446744073709551617"}) {
    const std::string url = std::string("/products?") + query;
    CHECK_EQUAL_TEXT(std::string("400 BAD_REQUEST"), SummaryOf({"GET", url.c_str(), ""}), query);
  }
  CHECK_EQUAL(std::string(), calls.TakeMade());
}

TEST(ProductHandlers, UnknownQueryParametersAreIgnored) {
  CHECK_EQUAL(std::string("200"), SummaryOf({"GET", "/products?colour=%zz&x&expand=product", ""}));
}

TEST(ProductHandlers, AnotherMethodIs405WithAllow) {
  const HttpResponse collection = Ask(router, "DELETE", "/products");
  CHECK_EQUAL(std::string("405 METHOD_NOT_ALLOWED"), Summary(collection));
  CHECK_EQUAL(std::string("GET, HEAD, POST"), HeaderOf(collection, "Allow"));
  const HttpResponse item = Ask(router, "POST", "/products/the_odyssey", kOdysseyBody);
  CHECK_EQUAL(std::string("405 METHOD_NOT_ALLOWED"), Summary(item));
  CHECK_EQUAL(std::string("GET, HEAD, PUT, PATCH, DELETE"), HeaderOf(item, "Allow"));
}

TEST(ProductHandlers, EveryRequestIsOneCallToTheStore) {
  for (const RequestCase& request : kRequests) {
    calls.TakeMade();
    SummaryOf(request);
    const std::string made = calls.TakeMade();
    CHECK_TEXT(!made.empty() && made.find(' ') == std::string::npos, made.c_str());
  }
}

TEST(ProductHandlers, AStoreThatIsAwayIs503AndALogLine) {
  for (const RequestCase& request : kRequests) {
    for (const Status& failure : {Status::Unavailable("redis: gone"), Status::UnknownOutcome("redis: gone")}) {
      calls.Fail(1, failure);
      log.Take();
      const HttpResponse response = Ask(router, request.method, request.url, request.body);
      CHECK_EQUAL_TEXT(std::string("503 SERVICE_UNAVAILABLE"), Summary(response), request.method);
      CHECK(response.body.find("redis") == std::string::npos);
      CHECK(response.body.find(failure.Is(StatusCode::kUnavailable) ? "Nothing was changed" : "may or may not") !=
            std::string::npos);
      STRCMP_CONTAINS("redis: gone", log.Take().c_str());
    }
  }
}

TEST(ProductHandlers, ADefectIs500WithFixedTextAndALogLine) {
  for (const RequestCase& request : kRequests) {
    calls.Fail(1, Status::Unexpected("WRONGTYPE"));
    log.Take();
    const HttpResponse response = Ask(router, request.method, request.url, request.body);
    CHECK_EQUAL_TEXT(std::string("500 UNEXPECTED_ERROR"), Summary(response), request.method);
    CHECK(response.body.find("WRONGTYPE") == std::string::npos);
    STRCMP_CONTAINS("WRONGTYPE", log.Take().c_str());
  }
}

TEST(ProductHandlers, HealthTellsWhetherRedisAnswers) {
  CHECK_EQUAL(std::string(R"({"redis":"up"})"), BodyOf("GET", "/health"));
  calls.Fail(1, Status::Unavailable("redis: gone"));
  const HttpResponse response = Ask(router, "GET", "/health");
  CHECK_EQUAL(503, response.status);
  CHECK_EQUAL(std::string(R"({"redis":"down"})"), response.body);
}

}  // namespace shop
