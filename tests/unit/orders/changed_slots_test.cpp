// Each write names in X-Changed all that it changed, so that the edge shows none of it any more. Here the stores are
// compared before and after each write.

#include "tests/support/ask.h"
#include "tests/support/checks.h"
#include "tests/support/fake_shop.h"
#include "workers/common/slots.h"
#include "workers/orders/order_handlers.h"

namespace shop {
namespace {

constexpr char kOrderOfAAndBBody[] = R"({"order_details":[{"product_id":"a","price":"1.00","quantity":3},)"
                                     R"({"product_id":"b","price":"2.00","quantity":2},)"
                                     R"({"product_id":"a","price":"3.00","quantity":1}]})";

// What there is of each thing, by its slot.
using Snapshot = std::map<std::string, std::string>;

Snapshot SnapshotOf(const FakeShop& shop) {
  Snapshot things;
  for (const auto& [id, product] : shop.products.products) things[ProductSlot(id)] = std::to_string(product.in_stock);
  for (const auto& [id, order] : shop.orders.orders) {
    std::string text = std::to_string(id) + ": ";
    for (const OrderDetail& detail : order.details) {
      text += detail.price.ToString() + " " + std::to_string(detail.quantity) + " ";
    }
    things[OrderSlot(id)] += text;
    things[OrderBlock(id)] += text;
  }
  return things;
}

// The slots of what differs.
Slots Differences(const Snapshot& before, const Snapshot& after) {
  Slots slots;
  for (const auto& [slot, text] : before) {
    if (!after.contains(slot) || after.at(slot) != text) slots.insert(slot);
  }
  for (const auto& [slot, text] : after) {
    if (!before.contains(slot)) slots.insert(slot);
  }
  return slots;
}

}  // namespace

// 10 of a, b and c; order 1 holds 3 + 1 of a and 2 of b.
TEST_GROUP(ChangedSlots) {
  FakeShop shop;
  Router router{OrderResources({&shop.orders, &shop.products, &shop.checkout, "http://images"}), &shop.logger};

  void setup() override {
    for (const char* id : {"a", "b", "c"}) shop.AddProduct(id, 10);
    CHECK_EQUAL(200, Ask(router, "POST", "/orders", kOrderOfAAndBBody).status);
  }

  // Those that the answer to a write names.
  std::string Changed(const char* method, const char* url, const char* body = "", HttpHeaders headers = {}) {
    return HeaderOf(Ask(router, method, url, body, std::move(headers)), "X-Changed");
  }

  // That the write changes something, and names it.
  void CheckNamed(const char* method, const char* url, const char* body = "") {
    const Snapshot before = SnapshotOf(shop);
    const std::string named = " " + Changed(method, url, body) + " ";
    const Slots changed = Differences(before, SnapshotOf(shop));
    CHECK_TEXT(!changed.empty(), method);
    for (const std::string& slot : changed) STRCMP_CONTAINS_TEXT((" " + slot + " ").c_str(), named.c_str(), method);
  }

  static std::string OrderAndProducts(int64_t id) {
    HttpResponse response;
    AddSlots("X", {OrderBlock(id), OrderSlot(id), ProductSlot("a"), ProductSlot("b")}, &response);
    return HeaderOf(response, "X");
  }
};

TEST(ChangedSlots, EachWriteNamesAllThatItChanged) {
  CheckNamed("POST", "/orders", kOrderOfAAndBBody);
  CheckNamed("PUT", "/orders/1",
             R"({"order_details":[{"id":1,"price":"1","quantity":5},{"id":2,"price":"1","quantity":1},)"
             R"({"id":3,"price":"1","quantity":1}]})");
  CheckNamed("PATCH", "/orders/1", R"({"order_details":[{"id":2,"quantity":7}]})");
  CheckNamed("DELETE", "/orders/1");
}

TEST(ChangedSlots, AreThoseOfTheOrderAndItsProductsAndNoOthers) {
  CHECK_EQUAL(OrderAndProducts(2), Changed("POST", "/orders", kOrderOfAAndBBody));
  CHECK_EQUAL(OrderAndProducts(1), Changed("PATCH", "/orders/1", R"({"order_details":[{"id":2,"quantity":7}]})"));
  CHECK_EQUAL(OrderAndProducts(1), Changed("PATCH", "/orders/1", "{}"));
  CHECK_EQUAL(OrderAndProducts(1), Changed("DELETE", "/orders/1"));
}

// The first answer may still be on its way when the second one is seen.
TEST(ChangedSlots, ARepeatedRequestNamesThemAgain) {
  const HttpHeaders key = {{"idempotency-key", "key"}};
  CHECK_EQUAL(OrderAndProducts(2), Changed("POST", "/orders", kOrderOfAAndBBody, key));
  CHECK_EQUAL(OrderAndProducts(2), Changed("POST", "/orders", kOrderOfAAndBBody, key));
}

TEST(ChangedSlots, AProductThatIsGoneIsNamedToo) {
  shop.products.products.erase("b");
  CHECK_EQUAL(OrderAndProducts(1), Changed("DELETE", "/orders/1"));
}

TEST(ChangedSlots, ReadsAndRefusalsNameNone) {
  CHECK_EQUAL(std::string(), Changed("GET", "/orders/1"));
  CHECK_EQUAL(std::string(), Changed("GET", "/orders"));
  CHECK_EQUAL(std::string(), Changed("DELETE", "/orders/2"));
  CHECK_EQUAL(std::string(), Changed("POST", "/orders", "{}"));
  CHECK_EQUAL(std::string(), Changed("PATCH", "/orders/1", "{"));
}

TEST(ChangedSlots, NameTheBlockOfTheOrder) {
  shop.orders.orders[600] = {600, 0, {{1, "a", Price("1"), 1}}};
  CHECK(Changed("DELETE", "/orders/600").starts_with("b2 o"));
}

TEST(ChangedSlots, AnOrderShowsItsProducts) {
  HttpResponse expected;
  AddSlots("X", {ProductSlot("a"), ProductSlot("b")}, &expected);
  CHECK_EQUAL(HeaderOf(expected, "X"), HeaderOf(Ask(router, "GET", "/orders/1"), "X-Shows"));
}

}  // namespace shop
