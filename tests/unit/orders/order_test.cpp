#include "workers/orders/order.h"

#include <limits>

#include "tests/support/checks.h"

namespace shop {

TEST_GROUP(Order){};

TEST(Order, IdsThatAreIds) {
  CHECK_EQUAL(std::optional<int64_t>(1), ParseOrderId("1"));
  CHECK_EQUAL(std::optional<int64_t>(1234), ParseOrderId("1234"));
  CHECK_EQUAL(std::optional<int64_t>(9223372036854775807), ParseOrderId("9223372036854775807"));
}

TEST(Order, TextsThatAreNoIds) {
  for (const char* text : {"", "0", "00", "01", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "a", "1a",
                           "9223372036854775808", "100000000000000000000", "\xD9\xA1"}) {
    CHECK_FALSE_TEXT(ParseOrderId(text).has_value(), text);
  }
}

TEST(Order, NotFoundNamesTheOrder) {
  const Status status = OrderNotFound(1234);
  CHECK_STATUS(StatusCode::kNotFound, status);
  CHECK_EQUAL(std::string_view("ORDER_NOT_FOUND"), status.reason());
  CHECK_EQUAL(std::string("Order with id 1234 not found"), status.message());
}

TEST(Order, ABlockIs256IdsInARow) {
  CHECK_EQUAL(std::string("b0"), OrderBlock(1));
  CHECK_EQUAL(std::string("b0"), OrderBlock(255));
  CHECK_EQUAL(std::string("b1"), OrderBlock(256));
  CHECK_EQUAL(std::string("b4095"), OrderBlock(4096 * 256 - 1));
  CHECK_EQUAL(std::string("b0"), OrderBlock(4096 * 256));
  CHECK(OrderBlock(std::numeric_limits<int64_t>::max()).size() <= std::string("b4095").size());
}

TEST(Order, TheBlocksOfARangeAreAllThatItTouches) {
  CHECK(Slots({"b0"}) == OrderBlocks(1, 255));
  CHECK(Slots({"b0", "b1"}) == OrderBlocks(255, 256));
  CHECK(Slots({"b0", "b4095"}) == OrderBlocks(4096 * 256 - 1, 4096 * 256));
  CHECK_EQUAL(size_t{16}, OrderBlocks(0, 16 * 256 - 1).size());
  CHECK(OrderBlocks(0, 16 * 256).empty());
  const int64_t last = std::numeric_limits<int64_t>::max();
  CHECK(Slots({OrderBlock(last)}) == OrderBlocks(last, last));
}

}  // namespace shop
