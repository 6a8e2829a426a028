#ifndef WORKERS_COMMON_INTEGER_H_
#define WORKERS_COMMON_INTEGER_H_

#include <charconv>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace shop {

// All of `text` as a decimal integer of type T; nothing if it is anything else or does not fit. A '-' is allowed; a '+'
// and spaces are not.
template <typename T>
std::optional<T> ParseInteger(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Like ParseInteger, but only in the one canonical form: no sign, no leading zero. For integers in URLs, so that one
// thing has one name.
template <typename T>
std::optional<T> ParseCanonicalInteger(std::string_view text) {
  if (text.starts_with('-') || (text.size() > 1 && text.starts_with('0'))) return std::nullopt;
  return ParseInteger<T>(text);
}

// Appends `value` in decimal.
inline void AppendInteger(int64_t value, std::string* text) {
  char digits[std::numeric_limits<int64_t>::digits10 + 2];  // One for the first digit, one for the sign.
  text->append(digits, std::to_chars(digits, std::end(digits), value).ptr);
}

}  // namespace shop

#endif  // WORKERS_COMMON_INTEGER_H_
