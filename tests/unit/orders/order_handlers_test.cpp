#include "workers/orders/order_handlers.h"

#include "tests/support/ask.h"
#include "tests/support/checks.h"
#include "tests/support/fake_shop.h"

namespace shop {
namespace {

constexpr char kNewOrderBody[] = R"({"order_details":[{"product_id":"a","price":"1.00","quantity":3},)"
                                 R"({"product_id":"b","price":"2.00","quantity":2},)"
                                 R"({"product_id":"a","price":"3.00","quantity":1}]})";
constexpr char kProductA[] = R"({"id":"a","title":"The a","passenger_capacity":101,"maximum_speed":5,"in_stock":6})";
constexpr char kProductB[] = R"({"id":"b","title":"The b","passenger_capacity":101,"maximum_speed":5,"in_stock":8})";

// The three details of order 1, each with its `rest`.
std::string OrderWith(const std::string& rest_a, const std::string& rest_b) {
  return R"({"id":1,"order_details":[{"id":1,"product_id":"a","price":"1.00","quantity":3)" + rest_a +
         R"(},{"id":2,"product_id":"b","price":"2.00","quantity":2)" + rest_b +
         R"(},{"id":3,"product_id":"a","price":"3.00","quantity":1)" + rest_a + "}]}";
}

std::string ExpandedOrder() {
  return OrderWith(std::string(R"(,"image":"http://images/a.jpg","product":)") + kProductA,
                   std::string(R"(,"image":"http://images/b.jpg","product":)") + kProductB);
}

}  // namespace

// 10 of a and 10 of b; order 1 holds 3 + 1 of a and 2 of b.
TEST_GROUP(OrderHandlers) {
  FakeShop shop;
  Router router{OrderResources({&shop.orders, &shop.products, &shop.checkout, "http://images"}), &shop.logger};

  void setup() override {
    shop.AddProduct("a", 10);
    shop.AddProduct("b", 10);
    CHECK_EQUAL(200, Ask(router, "POST", "/orders", kNewOrderBody).status);
    shop.calls.TakeMade();
  }

  std::string SummaryOf(const char* method, const char* url, const char* body = "") {
    return Summary(Ask(router, method, url, body));
  }
  std::string BodyOf(const char* method, const char* url, const char* body = "") {
    return Ask(router, method, url, body).body;
  }
};

TEST(OrderHandlers, PostCreatesTheOrderAndAnswersItsId) {
  const HttpResponse response = Ask(router, "POST", "/orders/", kNewOrderBody);
  CHECK_EQUAL(200, response.status);
  CHECK_EQUAL(std::string(R"({"id":2})"), response.body);
  CHECK_EQUAL(std::string("done 2"), HeaderOf(response, "X-Write"));
  CHECK_EQUAL(std::string("stock.Reserve orders.Create stock.StartConfirm"), shop.calls.TakeMade());
  CHECK_EQUAL(int64_t{2}, shop.InStock("a"));
}

TEST(OrderHandlers, PostOfAProductThatDoesNotExistNamesTheFirst) {
  CHECK_EQUAL(std::string(R"({"error":"PRODUCT_NOT_FOUND","message":"Product Id y"})"),
              BodyOf("POST", "/orders",
                     R"({"order_details":[{"product_id":"a","price":1,"quantity":1},)"
                     R"({"product_id":"y","price":1,"quantity":1},{"product_id":"x","price":1,"quantity":1}]})"));
  CHECK_EQUAL(size_t{1}, shop.orders.orders.size());
}

TEST(OrderHandlers, PostOfMoreThanThereIsIs409) {
  shop.stock.lowest_stock = 0;
  CHECK_EQUAL(std::string("200"), SummaryOf("POST", "/orders", kNewOrderBody));
  CHECK_EQUAL(std::string("409 INSUFFICIENT_STOCK"), SummaryOf("POST", "/orders", kNewOrderBody));
  CHECK_EQUAL(int64_t{2}, shop.InStock("a"));
}

TEST(OrderHandlers, GetAnswersTheOrderAndFetchesEachProductOnceInOneCall) {
  CHECK_EQUAL(ExpandedOrder(), BodyOf("GET", "/orders/1"));
  CHECK_EQUAL(std::string("orders.Get products.GetMany(a,b)"), shop.calls.TakeMade());
}

TEST(OrderHandlers, GetIs304ForAClientThatHasTheOrderAndItsProducts) {
  const std::string tag = HeaderOf(Ask(router, "GET", "/orders/1"), "ETag");
  const HttpResponse again = Ask(router, "GET", "/orders/1", "", {{"if-none-match", tag}});
  CHECK_EQUAL(304, again.status);
  CHECK_EQUAL(std::string(), again.body);
  CHECK_EQUAL(tag, HeaderOf(again, "ETag"));
  CHECK(!HeaderOf(again, "X-Shows").empty());
  shop.products.products["a"].in_stock -= 1;
  CHECK_EQUAL(200, Ask(router, "GET", "/orders/1", "", {{"if-none-match", tag}}).status);
}

TEST(OrderHandlers, GetShowsNullForAProductThatIsGone) {
  shop.products.products.erase("b");
  const HttpResponse response = Ask(router, "GET", "/orders/1");
  CHECK_EQUAL(200, response.status);
  STRCMP_CONTAINS(R"("image":"http://images/b.jpg","product":null)", response.body.c_str());
}

TEST(OrderHandlers, HeadIsAnsweredLikeGet) {
  CHECK_EQUAL(200, Ask(router, "HEAD", "/orders/1").status);
  CHECK_EQUAL(404, Ask(router, "HEAD", "/orders/2").status);
  CHECK_EQUAL(200, Ask(router, "HEAD", "/orders").status);
}

TEST(OrderHandlers, PatchAnswersTheOrderAsItIsThen) {
  const std::string body = BodyOf("PATCH", "/orders/1", R"({"order_details":[{"id":2,"price":"9.5","quantity":4}]})");
  STRCMP_CONTAINS(R"({"id":2,"product_id":"b","price":"9.50","quantity":4,"image":"http://images/b.jpg","product":{)",
                  body.c_str());
  STRCMP_CONTAINS(R"("id":"b","title":"The b","passenger_capacity":101,"maximum_speed":5,"in_stock":6})", body.c_str());
  CHECK_EQUAL(body, BodyOf("GET", "/orders/1"));
}

TEST(OrderHandlers, PatchThatNamesNothingAnswersTheOrder) {
  CHECK_EQUAL(ExpandedOrder(), BodyOf("PATCH", "/orders/1", "{}"));
  CHECK_EQUAL(std::string("locks.Lock orders.Get locks.Unlock products.GetMany(a,b)"), shop.calls.TakeMade());
}

TEST(OrderHandlers, PutNamesEveryDetail) {
  CHECK_EQUAL(std::string("200"),
              SummaryOf("PUT", "/orders/1",
                        R"({"order_details":[{"id":3,"price":1,"quantity":1},{"id":1,"price":1,"quantity":1},)"
                        R"({"id":2,"price":1,"quantity":1}]})"));
  CHECK_EQUAL(int64_t{8}, shop.InStock("a"));
  CHECK_EQUAL(std::string(R"({"error":"VALIDATION_ERROR","message":"The request has invalid fields.",)"
                          R"("fields":{"order_details":["Every detail of the order must be named."]}})"),
              BodyOf("PUT", "/orders/1", R"({"order_details":[{"id":1,"price":1,"quantity":1}]})"));
  CHECK_EQUAL(std::string(R"({"error":"VALIDATION_ERROR","message":"The request has invalid fields.",)"
                          R"("fields":{"order_details.0.id":["Not a detail of this order."]}})"),
              BodyOf("PATCH", "/orders/1", R"({"order_details":[{"id":9,"price":1,"quantity":1}]})"));
}

TEST(OrderHandlers, DeleteAnswers204WithoutABody) {
  const HttpResponse response = Ask(router, "DELETE", "/orders/1");
  CHECK_EQUAL(204, response.status);
  CHECK_EQUAL(std::string(), response.body);
  CHECK(shop.orders.orders.empty());
  CHECK_EQUAL(int64_t{10}, shop.InStock("a"));
}

TEST(OrderHandlers, AnOrderThatDoesNotExistIs404) {
  const char* const kReplacement = R"({"order_details":[{"id":1,"price":1,"quantity":1}]})";
  CHECK_EQUAL(std::string("404 ORDER_NOT_FOUND"), SummaryOf("GET", "/orders/2"));
  CHECK_EQUAL(std::string("404 ORDER_NOT_FOUND"), SummaryOf("PUT", "/orders/2", kReplacement));
  CHECK_EQUAL(std::string("404 ORDER_NOT_FOUND"), SummaryOf("PATCH", "/orders/2", "{}"));
  CHECK_EQUAL(std::string("404 ORDER_NOT_FOUND"), SummaryOf("DELETE", "/orders/9223372036854775807"));
}

TEST(OrderHandlers, WhatIsNoOrderIdIsAPathThatDoesNotExist) {
  for (const char* url : {"/orders/0", "/orders/01", "/orders/-1", "/orders/+1", "/orders/a", "/orders/1.0",
                          "/orders/9223372036854775808", "/orders/1%20", "/orders/%FF", "/orders/1/", "/orders/1/x",
                          "/orders//1", "/orders//"}) {
    for (const char* method : {"GET", "HEAD", "PUT", "PATCH", "DELETE", "POST"}) {
      CHECK_EQUAL_TEXT(std::string("404 NOT_FOUND"), SummaryOf(method, url, "{}"), url);
    }
  }
  CHECK_EQUAL(std::string(), shop.calls.TakeMade());
}

TEST(OrderHandlers, ABodyIsValidatedBeforeAnythingIsLookedUp) {
  const char* const kInvalid = R"({"order_details":[{"id":1,"quantity":0}]})";
  CHECK_EQUAL(std::string("400 VALIDATION_ERROR"), SummaryOf("POST", "/orders", kInvalid));
  for (const char* url : {"/orders/1", "/orders/2"}) {
    for (const char* method : {"PUT", "PATCH"}) {
      CHECK_EQUAL(std::string("400 VALIDATION_ERROR"), SummaryOf(method, url, kInvalid));
      CHECK_EQUAL(std::string("400 BAD_REQUEST"), SummaryOf(method, url, "["));
    }
  }
  CHECK_EQUAL(std::string(), shop.calls.TakeMade());
}

TEST(OrderHandlers, AnotherMethodIs405WithAllow) {
  CHECK_EQUAL(std::string("GET, HEAD, POST"), HeaderOf(Ask(router, "PUT", "/orders"), "Allow"));
  CHECK_EQUAL(std::string("GET, HEAD, PUT, PATCH, DELETE"), HeaderOf(Ask(router, "POST", "/orders/1"), "Allow"));
  CHECK_EQUAL(std::string("405 METHOD_NOT_ALLOWED"), SummaryOf("BREW", "/orders/1"));
}

}  // namespace shop
