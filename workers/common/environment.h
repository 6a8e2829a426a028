#ifndef WORKERS_COMMON_ENVIRONMENT_H_
#define WORKERS_COMMON_ENVIRONMENT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace shop {

struct IntegerSetting {
  const char* name;
  int64_t fallback;
  int64_t min;
  int64_t max;
};

struct TextSetting {
  const char* name;
  const char* fallback;
  const char* allowed;  // For people; or the choices: "warning or info".
};

// Reads a program's settings from its environment variables and remembers the first one that is wrong. An empty
// variable counts as one that is not set.
class Environment {
 public:
  static std::string Text(const TextSetting& setting);
  std::string RequiredText(const TextSetting& setting);

  // A decimal integer from `min` to `max`.
  int64_t Integer(const IntegerSetting& setting);

  // One of the choices.
  std::string Choice(const TextSetting& setting);

  // Notes that the value of `name` is not what was `expected`, for a check that is not above.
  void Fail(const char* name, std::string_view value, const std::string& expected);

  // The same, without the value, in which there may be a password.
  void FailUnshown(const char* name, const std::string& expected);

  // What is wrong, as a line for people that names the variable; empty if nothing is.
  const std::string& error() const { return error_; }

 private:
  std::string error_;
};

}  // namespace shop

#endif  // WORKERS_COMMON_ENVIRONMENT_H_
