#include "workers/common/money.h"

#include <string>
#include <utility>

#include "tests/support/checks.h"

namespace shop {
namespace {

// `text` read and written again.
std::string Round(const char* text) {
  const std::optional<Money> money = Money::Parse(text);
  return money ? money->ToString() : "(nothing)";
}

}  // namespace

TEST_GROUP(Money){};

TEST(Money, IsWrittenWithTwoDecimals) {
  const std::pair<const char*, const char*> kCases[] = {{"0", "0.00"},
                                                        {"0.0", "0.00"},
                                                        {"0.01", "0.01"},
                                                        {"0.1", "0.10"},
                                                        {"5", "5.00"},
                                                        {"1.5", "1.50"},
                                                        {"100000.99", "100000.99"},
                                                        {"007.50", "7.50"},
                                                        {"0000000000000001", "1.00"}};
  for (const auto& [text, written] : kCases) CHECK_EQUAL_TEXT(std::string(written), Round(text), text);
}

TEST(Money, IsExactUpToSixteenDigits) {
  for (const char* text : {"9999999999999999.99", "9007199254740993.01", "1234567890123456.78", "0.07", "0.29"}) {
    CHECK_EQUAL(std::string(text), Round(text));
  }
}

TEST(Money, EveryHundredthIsItself) {
  for (int hundredths = 0; hundredths < 100; ++hundredths) {
    const std::string text = "4503599627370496." + std::string(hundredths < 10 ? "0" : "") + std::to_string(hundredths);
    CHECK_EQUAL(text, Round(text.c_str()));
  }
}

TEST(Money, AnyOtherFormIsNothing) {
  for (const char* text : {"",
                           ".",
                           "1.",
                           ".5",
                           "1.234",
                           "10000000000000000",
                           "10000000000000000.00",
                           "00000000000000001",
                           "-1",
                           "+1",
                           " 1",
                           "1 ",
                           "1e2",
                           "1,5",
                           "1.-5",
                           "1.+5",
                           "1. 5",
                           "0x1",
                           "NaN",
                           "1.2.3",
                           "1..2",
                           "\xD9\xA1",
                           "$1"}) {
    CHECK_FALSE_TEXT(Money::Parse(text).has_value(), text);
  }
  CHECK_FALSE(Money::Parse(std::string_view("1\0", 2)).has_value());
}

TEST(Money, EqualAmountsAreEqualHoweverWritten) {
  CHECK(Money::Parse("1.5") == Money::Parse("01.50"));
  CHECK(Money::Parse("1.5") != Money::Parse("1.51"));
  CHECK_EQUAL(std::string("0.00"), Money().ToString());
}

TEST(Money, ANumericMayBeNegative) {
  const std::pair<const char*, const char*> kCases[] = {{"-0.01", "-0.01"},
                                                        {"-1.50", "-1.50"},
                                                        {"-9999999999999999.99", "-9999999999999999.99"},
                                                        {"12.30", "12.30"},
                                                        {"-0.00", "0.00"}};
  for (const auto& [text, written] : kCases) {
    const std::optional<Money> money = Money::ParseNumeric(text);
    CHECK_TEXT(money.has_value(), text);
    CHECK_EQUAL(std::string(written), money->ToString());
  }
}

TEST(Money, WhatIsNoNumericOfTwoDecimalsIsNothing) {
  for (const char* text : {"", "-", "--1", "-+1", "NaN", "Infinity", "1.234", "1e3"}) {
    CHECK_FALSE_TEXT(Money::ParseNumeric(text).has_value(), text);
  }
}

}  // namespace shop
