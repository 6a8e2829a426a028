#include "workers/common/environment.h"

#include <cstdlib>
#include <string>

#include "tests/support/checks.h"

namespace shop {
namespace {

constexpr TextSetting kText{"SHOP_TEST", "fallback", "any text"};
constexpr IntegerSetting kInteger{"SHOP_TEST", 5, 1, 10};
constexpr TextSetting kChoice{"SHOP_TEST", "first", "first or second or third"};

}  // namespace

TEST_GROUP(Environment) {
  Environment environment;

  void setup() override {
    unsetenv("SHOP_TEST");
  }
  void teardown() override {
    unsetenv("SHOP_TEST");
  }

  static void Set(const char* value) {
    setenv("SHOP_TEST", value, 1);
  }
};

TEST(Environment, WhatIsNotSetOrEmptyIsTheFallback) {
  for (int round = 0; round < 2; ++round) {
    CHECK_EQUAL(std::string("fallback"), Environment::Text(kText));
    CHECK_EQUAL(int64_t{5}, environment.Integer(kInteger));
    CHECK_EQUAL(std::string("first"), environment.Choice(kChoice));
    Set("");
  }
  CHECK_EQUAL(std::string(), environment.error());
}

TEST(Environment, TextIsTakenAsItIs) {
  Set(" a b ");
  CHECK_EQUAL(std::string(" a b "), Environment::Text(kText));
  CHECK_EQUAL(std::string(" a b "), environment.RequiredText(kText));
  CHECK_EQUAL(std::string(), environment.error());
}

TEST(Environment, RequiredTextThatIsMissingIsNamed) {
  CHECK_EQUAL(std::string(), environment.RequiredText({"SHOP_TEST", "", ""}));
  CHECK_EQUAL(std::string("SHOP_TEST must be a value, not ''"), environment.error());
}

TEST(Environment, IntegersReachTheirLimits) {
  for (const char* value : {"1", "10", "7"}) {
    Set(value);
    CHECK_EQUAL(int64_t{std::atoi(value)}, environment.Integer(kInteger));
  }
  CHECK_EQUAL(std::string(), environment.error());
}

TEST(Environment, AWrongIntegerIsNamedWithItsRange) {
  for (const char* value : {"0", "11", "-1", "x", "1.5", "5x", " 5", "99999999999999999999"}) {
    Set(value);
    Environment fresh;
    CHECK_EQUAL(int64_t{5}, fresh.Integer(kInteger));
    CHECK_EQUAL("SHOP_TEST must be an integer from 1 to 10, not '" + std::string(value) + "'", fresh.error());
  }
}

TEST(Environment, EachChoiceIsTaken) {
  for (const char* value : {"first", "second", "third"}) {
    Set(value);
    CHECK_EQUAL(std::string(value), environment.Choice(kChoice));
  }
  CHECK_EQUAL(std::string(), environment.error());
}

TEST(Environment, AWrongChoiceIsNamedWithAllThatAreRight) {
  for (const char* value : {"Second", "second or third", "secon", "or", "thirdx"}) {
    Set(value);
    Environment fresh;
    CHECK_EQUAL(std::string("first"), fresh.Choice(kChoice));
    CHECK_EQUAL("SHOP_TEST must be first or second or third, not '" + std::string(value) + "'", fresh.error());
  }
}

TEST(Environment, ASecretValueIsNotShown) {
  Set("s3cret");
  environment.FailUnshown("SHOP_TEST", "something else");
  CHECK_EQUAL(std::string("SHOP_TEST must be something else"), environment.error());
}

TEST(Environment, TheFirstErrorIsTheOneToShow) {
  Set("x");
  environment.Integer(kInteger);
  environment.Choice(kChoice);
  environment.RequiredText({"SHOP_TEST_OTHER", "", ""});
  CHECK_EQUAL(std::string("SHOP_TEST must be an integer from 1 to 10, not 'x'"), environment.error());
}

}  // namespace shop
