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
  const char* allowed;  // In words; for Choice the choices: "warning or info".
};

// Reads a program's settings from its environment variables and remembers the first one that is wrong. An empty
// variable counts as not set.
class Environment {
 public:
  static std::string Text(const TextSetting& setting);
  std::string RequiredText(const TextSetting& setting);

  // A decimal integer from `min` to `max`.
  int64_t Integer(const IntegerSetting& setting);

  // One of the choices.
  std::string Choice(const TextSetting& setting);

  // Records that the value of `name` is not what was `expected`: for checks that no function above makes.
  void Fail(const char* name, std::string_view value, const std::string& expected);

  // The same, but does not show the value, which may contain a password.
  void FailUnshown(const char* name, const std::string& expected);

  // What is wrong, in one line that names the variable; empty if nothing is wrong.
  const std::string& error() const { return error_; }

 private:
  std::string error_;
};

}  // namespace shop

#endif  // WORKERS_COMMON_ENVIRONMENT_H_
