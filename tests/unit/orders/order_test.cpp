#include "workers/orders/order.h"

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

}  // namespace shop
