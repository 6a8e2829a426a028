#include "workers/common/environment.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "workers/common/integer.h"

namespace shop {

std::string Environment::Text(const char* name, std::string_view fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : std::string(fallback);
}

std::string Environment::RequiredText(const char* name) {
  std::string value = Text(name, "");
  if (value.empty()) Fail(name, value, "a value");
  return value;
}

int64_t Environment::Integer(const char* name, int64_t fallback, int64_t min, int64_t max) {
  const std::string text = Text(name, std::to_string(fallback));
  const std::optional<int64_t> value = ParseInteger<int64_t>(text);
  if (value && *value >= min && *value <= max) return *value;
  Fail(name, text, "an integer from " + std::to_string(min) + " to " + std::to_string(max));
  return fallback;
}

int Environment::Choice(const char* name, std::initializer_list<std::string_view> choices) {
  const std::string text = Text(name, *choices.begin());
  const auto* const found = std::find(choices.begin(), choices.end(), text);
  if (found != choices.end()) return static_cast<int>(found - choices.begin());
  std::string expected;
  for (const std::string_view choice : choices) expected.append(expected.empty() ? "" : " or ").append(choice);
  Fail(name, text, expected);
  return 0;
}

void Environment::Fail(const char* name, std::string_view value, const std::string& expected) {
  FailUnshown(name, expected + ", not '" + std::string(value) + "'");
}

void Environment::FailUnshown(const char* name, const std::string& expected) {
  if (error_.empty()) error_ = std::string(name) + " must be " + expected;
}

}  // namespace shop
