#ifndef WORKERS_COMMON_ENVIRONMENT_H_
#define WORKERS_COMMON_ENVIRONMENT_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace shop {

// Reads a program's settings from its environment variables and remembers the first one that is wrong. An empty
// variable counts as one that is not set.
class Environment {
 public:
  std::string Text(const char* name, std::string_view fallback);
  std::string RequiredText(const char* name);

  // A decimal integer from `min` to `max`.
  int64_t Integer(const char* name, int64_t fallback, int64_t min, int64_t max);

  // One of `choices`, the first of which is the fallback; gives its position.
  int Choice(const char* name, std::initializer_list<std::string_view> choices);

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
