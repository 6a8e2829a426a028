// GET /orders.

#include "tests/support/ask.h"
#include "tests/support/checks.h"
#include "tests/support/fake_shop.h"
#include "workers/orders/order_handlers.h"

namespace shop {

// Orders 1 to 3: of a, of a and b, of b.
TEST_GROUP(OrderList) {
  FakeShop shop;
  Router router{OrderResources({&shop.orders, &shop.products, &shop.checkout, "http://images"}), &shop.logger};

  void setup() override {
    shop.AddProduct("a", 10);
    shop.AddProduct("b", 10);
    int64_t id = 0;
    CHECK_OK(shop.checkout.Create({{"a", Price("1"), 1}}, {}, &id));
    CHECK_OK(shop.checkout.Create({{"b", Price("2"), 1}, {"a", Price("3"), 1}}, {}, &id));
    CHECK_OK(shop.checkout.Create({{"b", Price("4"), 1}}, {}, &id));
    shop.calls.TakeMade();
  }

  void AddOrder(int64_t id, const char* product_id, size_t details) {
    shop.orders.orders[id] = {id, 0, std::vector<OrderDetail>(details, {1, product_id, Price("1"), 1})};
  }

  static size_t CountOrders(const HttpResponse& page) {
    constexpr std::string_view kName = "\"order_details\"";
    size_t count = 0;
    for (size_t at = 0; (at = page.body.find(kName, at)) != std::string::npos; at += kName.size()) ++count;
    return count;
  }
};

TEST(OrderList, IsInTheOrderOfTheIdsWithBareDetails) {
  const HttpResponse response = Ask(router, "GET", "/orders");
  CHECK_EQUAL(std::string(R"([{"id":1,"order_details":[{"id":1,"product_id":"a","price":"1.00","quantity":1}]},)"
                          R"({"id":2,"order_details":[{"id":2,"product_id":"b","price":"2.00","quantity":1},)"
                          R"({"id":3,"product_id":"a","price":"3.00","quantity":1}]},)"
                          R"({"id":3,"order_details":[{"id":4,"product_id":"b","price":"4.00","quantity":1}]}])"),
              response.body);
  CHECK_EQUAL(std::string(), HeaderOf(response, "Link"));
  CHECK_EQUAL(std::string("orders.List"), shop.calls.TakeMade());
}

TEST(OrderList, ExpandsTheDetailsAndFetchesEachProductOfThePageOnceInOneCall) {
  shop.products.products.erase("b");
  const HttpResponse response = Ask(router, "GET", "/orders?expand=product&limit=2");
  CHECK_EQUAL(std::string("orders.List products.GetMany(a,b)"), shop.calls.TakeMade());
  STRCMP_CONTAINS(R"("product_id":"a","price":"1.00","quantity":1,"image":"http://images/a.jpg","product":{"id":"a")",
                  response.body.c_str());
  STRCMP_CONTAINS(R"("product_id":"b","price":"2.00","quantity":1,"image":"http://images/b.jpg","product":null)",
                  response.body.c_str());
}

TEST(OrderList, DoesNotFetchTheProductsOfTheOrderBehindThePage) {
  Ask(router, "GET", "/orders?expand=product&limit=1");
  CHECK_EQUAL(std::string("orders.List products.GetMany(a)"), shop.calls.TakeMade());
}

TEST(OrderList, LinksToTheNextPageWhileThereIsMore) {
  const HttpResponse first = Ask(router, "GET", "/orders?limit=2&x=y");
  CHECK_EQUAL(std::string("</orders?limit=2&after=2>; rel=\"next\""), HeaderOf(first, "Link"));
  const HttpResponse second = Ask(router, "GET", "/orders?limit=2&after=2");
  CHECK(second.body.starts_with(R"([{"id":3,)"));
  CHECK_EQUAL(std::string(), HeaderOf(second, "Link"));
}

TEST(OrderList, AFullPageThatIsTheLastHasNoLink) {
  CHECK_EQUAL(std::string(), HeaderOf(Ask(router, "GET", "/orders?limit=3"), "Link"));
}

TEST(OrderList, TheLinkKeepsExpand) {
  CHECK_EQUAL(std::string("</orders?limit=1&after=1&expand=product>; rel=\"next\""),
              HeaderOf(Ask(router, "GET", "/orders?expand=product&limit=1"), "Link"));
}

TEST(OrderList, Has100OrdersUnlessAskedForMore) {
  for (int64_t id = 1; id <= 150; ++id) shop.orders.orders[id] = {id, 0, {}};
  CHECK_EQUAL(std::string("</orders?limit=100&after=100>; rel=\"next\""),
              HeaderOf(Ask(router, "GET", "/orders"), "Link"));
  CHECK_EQUAL(std::string(), HeaderOf(Ask(router, "GET", "/orders?limit=150"), "Link"));
}

TEST(OrderList, APageEndsBeforeTheOrderThatDoesNotFit) {
  shop.products.products["a"].title = std::string(256, '\1');  // Six bytes each in JSON: an order takes about 17 kB.
  for (int64_t id = 1; id <= 1000; ++id) AddOrder(id, "a", 10);
  const HttpResponse page = Ask(router, "GET", "/orders?limit=1000&expand=product");
  CHECK(page.body.size() <= kMaxPageSize);
  CHECK(page.body.size() > kMaxPageSize - 20'000);
  CHECK_EQUAL("</orders?limit=1000&after=" + std::to_string(CountOrders(page)) + "&expand=product>; rel=\"next\"",
              HeaderOf(page, "Link"));
  CHECK_EQUAL(std::string(), HeaderOf(Ask(router, "GET", "/orders?limit=1000"), "Link"));
}

TEST(OrderList, DoesNotFetchTheProductsOfOrdersBehindAPageThatIsFullWithoutAny) {
  AddOrder(1, "a", 9000);
  AddOrder(2, "b", 9000);
  AddOrder(3, "c", 1);
  const HttpResponse page = Ask(router, "GET", "/orders?expand=product&limit=3");
  CHECK_EQUAL(std::string("orders.List products.GetMany(a,b)"), shop.calls.TakeMade());
  CHECK_EQUAL(std::string("</orders?limit=3&after=1&expand=product>; rel=\"next\""), HeaderOf(page, "Link"));
}

TEST(OrderList, AnOrderThatIsTooLargeHasAPageOfItsOwn) {
  AddOrder(1, "a", 30'000);
  const HttpResponse page = Ask(router, "GET", "/orders");
  CHECK(page.body.size() > kMaxPageSize);
  CHECK_EQUAL(size_t{1}, CountOrders(page));
  CHECK_EQUAL(std::string("</orders?limit=100&after=1>; rel=\"next\""), HeaderOf(page, "Link"));
}

TEST(OrderList, AfterMayBe0OrAnOrderThatIsGone) {
  shop.orders.orders.erase(2);
  CHECK(Ask(router, "GET", "/orders?after=0").body.starts_with(R"([{"id":1,)"));
  CHECK(Ask(router, "GET", "/orders?after=2").body.starts_with(R"([{"id":3,)"));
  CHECK_EQUAL(std::string("[]"), Ask(router, "GET", "/orders?after=9223372036854775807").body);
}

TEST(OrderList, HasTheSameEntityTagAsLongAsThePageIsTheSame) {
  const auto tag = [&](const char* target) { return HeaderOf(Ask(router, "GET", target), "ETag"); };
  const std::string bare = tag("/orders");
  CHECK(bare.starts_with('"'));
  CHECK_EQUAL(bare, tag("/orders?limit=3"));
  const std::string expanded = tag("/orders?expand=product");
  CHECK(bare != expanded);
  shop.products.products.erase("a");
  CHECK_EQUAL(bare, tag("/orders"));
  CHECK(expanded != tag("/orders?expand=product"));
  shop.orders.orders[3].details[0].quantity = 2;
  CHECK(bare != tag("/orders"));
}

TEST(OrderList, HasAnotherEntityTagOnceThereIsANextPage) {
  const HttpResponse last = Ask(router, "GET", "/orders?limit=3");
  shop.orders.orders[4] = {4, 0, {}};
  const HttpResponse full = Ask(router, "GET", "/orders?limit=3");
  CHECK_EQUAL(last.body, full.body);
  CHECK(HeaderOf(last, "ETag") != HeaderOf(full, "ETag"));
}

TEST(OrderList, IsNotSentAgainToAClientThatHasIt) {
  const HttpResponse page = Ask(router, "GET", "/orders?limit=1");
  const HttpHeaders condition = {{"if-none-match", HeaderOf(page, "ETag")}};
  const HttpResponse same = Ask(router, "GET", "/orders?limit=1", "", condition);
  CHECK_EQUAL(304, same.status);
  CHECK_EQUAL(std::string(), same.body);
  CHECK(page.headers == same.headers);
  CHECK_EQUAL(200, Ask(router, "GET", "/orders?limit=2", "", condition).status);
}

TEST(OrderList, IsToBeAskedForEachTime) {
  CHECK_EQUAL(std::string("no-cache"), HeaderOf(Ask(router, "GET", "/orders"), "Cache-Control"));
  CHECK_EQUAL(std::string(), HeaderOf(Ask(router, "GET", "/orders?limit=0"), "ETag"));
  CHECK_EQUAL(std::string(), HeaderOf(Ask(router, "GET", "/orders?limit=0"), "Cache-Control"));
}

TEST(OrderList, APageShowsTheBlocksOfItsOrdersAndOfTheOneThatFollows) {
  shop.orders.orders.clear();
  const auto blocks = [&](const char* target) { return HeaderOf(Ask(router, "GET", target), "X-Shows"); };
  for (const int64_t id : {1, 255, 256, 600}) shop.orders.orders[id] = {id, 0, {}};
  CHECK_EQUAL(std::string("b0"), blocks("/orders?limit=1"));
  CHECK_EQUAL(std::string("b0 b1"), blocks("/orders?limit=2"));
  CHECK_EQUAL(std::string("b0 b1 b2"), blocks("/orders?limit=3"));
  CHECK_EQUAL(std::string("b1 b2"), blocks("/orders?limit=1&after=255"));
}

TEST(OrderList, HasTheSameEntityTagWhicheverOrderFollows) {
  const std::string tag = HeaderOf(Ask(router, "GET", "/orders?limit=2"), "ETag");
  shop.orders.orders.erase(3);
  shop.orders.orders[600] = {600, 0, {}};
  CHECK_EQUAL(tag, HeaderOf(Ask(router, "GET", "/orders?limit=2"), "ETag"));
}

// A new order may come after it.
TEST(OrderList, APageThatNoneFollowsShowsNoBlocks) {
  const HttpResponse last = Ask(router, "GET", "/orders?limit=3");
  CHECK_EQUAL(200, last.status);
  CHECK_EQUAL(std::string(), HeaderOf(last, "X-Shows"));
  shop.orders.orders.clear();
  CHECK_EQUAL(std::string(), HeaderOf(Ask(router, "GET", "/orders"), "X-Shows"));
}

TEST(OrderList, AnOrderThatDoesNotFitFollowsThePage) {
  AddOrder(1, "a", 9000);
  AddOrder(300, "b", 30'000);
  shop.orders.orders.erase(2);
  shop.orders.orders.erase(3);
  CHECK_EQUAL(std::string("b0 b1"), HeaderOf(Ask(router, "GET", "/orders"), "X-Shows"));
}

TEST(OrderList, IsAnEmptyArrayWhenThereIsNoOrder) {
  shop.orders.orders.clear();
  CHECK_EQUAL(std::string("[]"), Ask(router, "GET", "/orders").body);
  CHECK_EQUAL(std::string("[]"), Ask(router, "GET", "/orders?expand=product").body);
}

TEST(OrderList, AMalformedParameterIs400) {
  for (const char* query : {"limit=0",         "limit=1001",
                            "limit=",          "limit=x",
                            "limit=01",        "limit=1&limit=1",
                            "after=",          "after=-1",
                            "after=01",        "after=00",
                            "after=a",         "after=1.0",
                            "after=+1",        "after=9223372036854775808",
                            "after=1&after=1", "expand=",
                            "expand",          "expand=products",
                            "expand=Product",  "expand=product&expand=product",
                            "expand=%FF"}) {
    const HttpResponse response = Ask(router, "GET", std::string("/orders?") + query);
    CHECK_EQUAL_TEXT(std::string("400 BAD_REQUEST"), Summary(response), query);
  }
  CHECK_EQUAL(std::string(), shop.calls.TakeMade());
}

}  // namespace shop
