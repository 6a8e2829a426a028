#include "workers/orders/order_writer.h"

#include "tests/support/checks.h"
#include "tests/support/fake_shop.h"

namespace shop {
namespace {

std::string Written(const Order& order, const Expansion* expansion) {
  JsonWriter json;
  WriteOrder(order, expansion, &json);
  return json.Take();
}

}  // namespace

TEST_GROUP(OrderWriter){};

TEST(OrderWriter, WritesBareDetailsWithPricesOfTwoDecimals) {
  const Order order{9223372036854775807, 3, {{1, "a", Price("7"), 2147483647}, {2, "b", Price("0.5"), 1}}};
  CHECK_EQUAL(std::string(R"({"id":9223372036854775807,"order_details":[)"
                          R"({"id":1,"product_id":"a","price":"7.00","quantity":2147483647},)"
                          R"({"id":2,"product_id":"b","price":"0.50","quantity":1}]})"),
              Written(order, nullptr));
}

TEST(OrderWriter, ExpandsDetailsWithImageAndProductNullIfThereIsNone) {
  const Expansion expansion{"http://images", {{"a", {"a", "The A", 101, 5, 10}}}};
  const Order order{1, 0, {{1, "a", Price("7"), 2}, {2, "b", Price("8"), 1}}};
  CHECK_EQUAL(std::string(R"({"id":1,"order_details":[)"
                          R"({"id":1,"product_id":"a","price":"7.00","quantity":2,"image":"http://images/a.jpg",)"
                          R"("product":{"id":"a","title":"The A","passenger_capacity":101,"maximum_speed":5,)"
                          R"("in_stock":10}},)"
                          R"({"id":2,"product_id":"b","price":"8.00","quantity":1,"image":"http://images/b.jpg",)"
                          R"("product":null}]})"),
              Written(order, &expansion));
}

TEST(OrderWriter, ThePercentEncodedProductIdNamesTheImage) {
  const Expansion expansion{"http://images", {}};
  const Order order{1, 0, {{1, "a b%?#\xC3\xA9~", Price("7"), 2}}};
  STRCMP_CONTAINS(R"("image":"http://images/a%20b%25%3F%23%C3%A9~.jpg")", Written(order, &expansion).c_str());
}

TEST(OrderWriter, WritesAnOrderWithoutDetails) {
  CHECK_EQUAL(std::string(R"({"id":1,"order_details":[]})"), Written({1, 0, {}}, nullptr));
}

TEST(OrderWriter, WritesWhatAnotherSystemMayHaveStored) {
  const Order order{1, 0, {{1, "a\n\"", Money::ParseNumeric("-1.50").value(), -3}}};
  CHECK_EQUAL(std::string(R"({"id":1,"order_details":[{"id":1,"product_id":"a\n\"","price":"-1.50","quantity":-3}]})"),
              Written(order, nullptr));
}

TEST(OrderWriter, NoDetailIsSmallerThanTheSmallest) {
  CHECK_EQUAL(R"({"id":1,"order_details":[)" + std::string(kSmallestDetail) + "]}",
              Written({1, 0, {{1, "", Price("0"), 1}}}, nullptr));
}

}  // namespace shop
