#include "workers/orders/order_change.h"

#include "tests/support/checks.h"
#include "tests/support/fake_shop.h"
#include "tests/support/faults.h"

namespace shop {
namespace {

// "a 3, b 2"
std::string Text(const std::vector<StockItem>& items) {
  std::string text;
  for (const StockItem& item : items) {
    text += (text.empty() ? "" : ", ") + item.product_id + " " + std::to_string(item.quantity);
  }
  return text;
}

// "1: 9.99 x 5, 2: 2.00 x 1"
std::string Text(const std::vector<OrderDetail>& details) {
  std::string text;
  for (const OrderDetail& detail : details) {
    text += (text.empty() ? "" : ", ") + std::to_string(detail.id) + ": " + detail.price.ToString() + " x " +
            std::to_string(detail.quantity);
  }
  return text;
}

// The product a is in two details.
Order ExampleOrder() {
  return {7, 3, {{1, "a", Price("1.00"), 3}, {2, "b", Price("2.00"), 2}, {3, "a", Price("3.00"), 4}}};
}

struct ChangeCase {
  const char* name;
  OrderUpdate update;
  const char* changed;
  const char* take;
  const char* give_back;
};

}  // namespace

TEST_GROUP(OrderChange) {
  OrderChange change;
};

TEST(OrderChange, TakesAndGivesBackTheDifferencePerProduct) {
  const ChangeCase kCases[] = {
      {"names nothing", {false, {}}, "", "", ""},
      {"names a detail alone", {false, {{1, {}, {}}}}, "", "", ""},
      {"the same values", {true, {{1, Price("1"), 3}, {2, Price("2.0"), 2}, {3, Price("3"), 4}}}, "", "", ""},
      {"a price", {false, {{2, Price("2.01"), {}}}}, "2: 2.01 x 2", "", ""},
      {"more", {false, {{2, {}, 5}}}, "2: 2.00 x 5", "b 3", ""},
      {"less", {false, {{2, {}, 1}}}, "2: 2.00 x 1", "", "b 1"},
      {"more of one, less of another", {false, {{1, {}, 1}, {2, {}, 9}}}, "1: 1.00 x 1, 2: 2.00 x 9", "b 7", "a 2"},
      {"more and less of a product", {false, {{1, {}, 10}, {3, {}, 1}}}, "1: 1.00 x 10, 3: 3.00 x 1", "a 4", ""},
      {"as much of a product", {false, {{1, {}, 5}, {3, {}, 2}}}, "1: 1.00 x 5, 3: 3.00 x 2", "", ""},
      {"the largest quantities",
       {false, {{1, {}, 2147483647}, {3, {}, 2147483647}}},
       "1: 1.00 x 2147483647, 3: 3.00 x 2147483647",
       "a 4294967287",
       ""},
      {"one of several changes",
       {true, {{3, Price("3"), 4}, {2, Price("2"), 2}, {1, Price("1"), 4}}},
       "1: 1.00 x 4",
       "a 1",
       ""},
  };
  for (const ChangeCase& c : kCases) {
    CHECK_OK(PlanChange(ExampleOrder(), c.update, &change));
    CHECK_EQUAL_TEXT(std::string(c.changed), Text(change.changed), c.name);
    CHECK_EQUAL_TEXT(std::string(c.take), Text(change.take), c.name);
    CHECK_EQUAL_TEXT(std::string(c.give_back), Text(change.give_back), c.name);
  }
}

TEST(OrderChange, GivesTheOrderAsItWillBe) {
  CHECK_OK(PlanChange(ExampleOrder(), {false, {{3, Price("9.99"), {}}, {1, {}, 8}}}, &change));
  CHECK_EQUAL(int64_t{7}, change.updated.id);
  CHECK_EQUAL(std::string("1: 1.00 x 8, 2: 2.00 x 2, 3: 9.99 x 4"), Text(change.updated.details));
  CHECK_EQUAL(std::string("a"), change.updated.details[2].product_id);
}

TEST(OrderChange, ADetailOfAnotherOrderIsAFaultAndAllSuchAreNamed) {
  CHECK_EQUAL(std::string("order_details.0.id: Not a detail of this order.|"
                          "order_details.2.id: Not a detail of this order."),
              Faults(PlanChange(ExampleOrder(), {false, {{9, {}, 1}, {1, {}, 1}, {8, {}, 1}}}, &change)));
}

TEST(OrderChange, AReplacementNamesEveryDetail) {
  const OrderUpdate update{true, {{1, Price("1"), 1}, {3, Price("1"), 1}}};
  CHECK_EQUAL(std::string("order_details: Every detail of the order must be named."),
              Faults(PlanChange(ExampleOrder(), update, &change)));
}

TEST(OrderChange, QuantitiesBelowOneOfAnotherSystemCountAsTheyAre) {
  const Order order{1, 0, {{1, "a", Price("1"), -5}, {2, "b", Price("1"), 0}}};
  CHECK_OK(PlanChange(order, {false, {{1, {}, 3}, {2, {}, 1}}}, &change));
  CHECK_EQUAL(std::string("a 8, b 1"), Text(change.take));
  CHECK_EQUAL(std::string(""), Text(change.give_back));
}

TEST(OrderChange, HeldStockIsTheSumPerProductInTheOrderOfTheirFirstDetails) {
  CHECK_EQUAL(std::string("a 7, b 2"), Text(HeldStock(ExampleOrder().details)));
  CHECK_EQUAL(std::string("b 1, a 2"), Text(HeldStock(NewOrder{{"b", Money(), 1}, {"a", Money(), 2}})));
  CHECK_EQUAL(std::string(""), Text(HeldStock(NewOrder{})));
}

}  // namespace shop
