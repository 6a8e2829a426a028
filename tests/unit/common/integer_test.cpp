#include "workers/common/integer.h"

#include <cstdint>
#include <string>

#include "tests/support/checks.h"

namespace shop {

TEST_GROUP(Integer){};

TEST(Integer, ReadsTheWholeRangeOfItsType) {
  CHECK(ParseInteger<int64_t>("9223372036854775807") == INT64_MAX);
  CHECK(ParseInteger<int64_t>("-9223372036854775808") == INT64_MIN);
  CHECK(ParseInteger<int32_t>("2147483647") == INT32_MAX);
  CHECK(ParseInteger<uint64_t>("18446744073709551615") == UINT64_MAX);
  CHECK(ParseInteger<int64_t>("-0") == 0);
  CHECK(ParseInteger<int64_t>("007") == 7);
}

TEST(Integer, WhatDoesNotFitIsNothing) {
  CHECK_FALSE(ParseInteger<int64_t>("9223372036854775808").has_value());
  CHECK_FALSE(ParseInteger<int64_t>("-9223372036854775809").has_value());
  CHECK_FALSE(ParseInteger<int32_t>("2147483648").has_value());
  CHECK_FALSE(ParseInteger<uint64_t>("-1").has_value());
  CHECK_FALSE(ParseInteger<uint16_t>("65536").has_value());
  CHECK_FALSE(ParseInteger<int64_t>(std::string(1000, '9')).has_value());
}

TEST(Integer, AnyOtherFormIsNothing) {
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1.0", "1e2", "0x1", "a", "1a", "--1", "1,000", "\n1"}) {
    CHECK_FALSE_TEXT(ParseInteger<int64_t>(text).has_value(), text);
  }
  CHECK_FALSE(ParseInteger<int64_t>(std::string_view("1\0", 2)).has_value());
  CHECK_FALSE(ParseInteger<int64_t>(std::string_view()).has_value());
}

TEST(Integer, CanonicalHasNeitherSignNorLeadingZero) {
  CHECK(ParseCanonicalInteger<int64_t>("0") == 0);
  CHECK(ParseCanonicalInteger<int64_t>("10") == 10);
  CHECK(ParseCanonicalInteger<int64_t>("9223372036854775807") == INT64_MAX);
  for (const char* text : {"", "-0", "-1", "+1", "00", "01", "9223372036854775808", "1 ", "x"}) {
    CHECK_FALSE_TEXT(ParseCanonicalInteger<int64_t>(text).has_value(), text);
  }
}

}  // namespace shop
