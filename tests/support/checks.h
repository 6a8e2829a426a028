// Lets CppUTest's CHECK_EQUAL print the values of the shop.

#ifndef TESTS_SUPPORT_CHECKS_H_
#define TESTS_SUPPORT_CHECKS_H_

// Without the macro `new` of CppUTest, which breaks every standard header that is included after it. LeakSanitizer
// finds the leaks.
#define CPPUTEST_MEM_LEAK_DETECTION_DISABLED
#include <CppUTest/TestHarness.h>

#include <optional>
#include <string>
#include <string_view>

#include "workers/common/status.h"

// `text` with every byte as \xNN, except printable ASCII.
SimpleString StringFrom(std::string_view text);

// The code's name, as in "kOk".
SimpleString StringFrom(shop::StatusCode code);

template <typename T>
SimpleString StringFrom(const std::optional<T>& value) {
  return value ? StringFrom(*value) : SimpleString("(nothing)");
}

// Checks that `status`, an expression, is ok. If it is not, shows its message and its detail.
#define CHECK_OK(status) CheckStatus(shop::StatusCode::kOk, (status), __FILE__, __LINE__)
#define CHECK_STATUS(code, status) CheckStatus((code), (status), __FILE__, __LINE__)

void CheckStatus(shop::StatusCode expected, const shop::Status& status, const char* file, size_t line);

#endif  // TESTS_SUPPORT_CHECKS_H_
