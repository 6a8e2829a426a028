#include "workers/common/environment.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "workers/common/integer.h"

namespace shop {
namespace {

std::string Value(const char* name, std::string_view fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : std::string(fallback);
}

}  // namespace

std::string Environment::Text(const TextSetting& setting) {
  return Value(setting.name, setting.fallback);
}

std::string Environment::RequiredText(const TextSetting& setting) {
  std::string value = Text(setting);
  if (value.empty()) Fail(setting.name, value, "a value");
  return value;
}

int64_t Environment::Integer(const IntegerSetting& setting) {
  const std::string text = Value(setting.name, std::to_string(setting.fallback));
  const std::optional<int64_t> value = ParseInteger<int64_t>(text);
  if (value && *value >= setting.min && *value <= setting.max) return *value;
  Fail(setting.name, text, "an integer from " + std::to_string(setting.min) + " to " + std::to_string(setting.max));
  return setting.fallback;
}

std::string Environment::Choice(const TextSetting& setting) {
  constexpr std::string_view kOr = " or ";
  std::string text = Text(setting);
  std::string_view choices = setting.allowed;
  while (!choices.empty()) {
    const std::string_view choice = choices.substr(0, choices.find(kOr));
    if (text == choice) return text;
    choices.remove_prefix(std::min(choice.size() + kOr.size(), choices.size()));
  }
  Fail(setting.name, text, setting.allowed);
  return setting.fallback;
}

void Environment::Fail(const char* name, std::string_view value, const std::string& expected) {
  FailUnshown(name, expected + ", not '" + std::string(value) + "'");
}

void Environment::FailUnshown(const char* name, const std::string& expected) {
  if (error_.empty()) error_ = std::string(name) + " must be " + expected;
}

}  // namespace shop
