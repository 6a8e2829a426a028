#include "workers/common/startup.h"

#include <optional>
#include <string>

#include "tests/support/checks.h"
#include "tests/support/stderr_capture.h"

namespace shop {

TEST_GROUP(Startup) {
  Environment environment;
  char program[10] = "program";
  char check_config[20] = "--check-config";
  char check_redis[20] = "--check-redis";
};

TEST(Startup, AProgramWhoseSettingsAreRightGoesOnUnlessItIsToCheckThemOnly) {
  char* none[] = {program, nullptr};
  CHECK_FALSE(EndAfterSettings(environment, 1, none).has_value());
  char* other[] = {program, check_redis, check_config, nullptr};
  CHECK_FALSE(EndAfterSettings(environment, 3, other).has_value());
  char* check[] = {program, check_config, nullptr};
  CHECK_EQUAL(std::optional(0), EndAfterSettings(environment, 2, check));
}

TEST(Startup, AProgramWithAWrongSettingSaysSoAndEnds) {
  environment.Fail("PORT", "x", "a number");
  char* check[] = {program, check_config, nullptr};
  StderrCapture output;
  for (const int argc : {1, 2}) {
    CHECK_EQUAL(std::optional(1), EndAfterSettings(environment, argc, check));
    CHECK_EQUAL(std::string("unit-tests: PORT must be a number, not 'x'\n"), output.Take());
  }
}

}  // namespace shop
