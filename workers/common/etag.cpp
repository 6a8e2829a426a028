#include "workers/common/etag.h"

#include <charconv>
#include <functional>
#include <iterator>

namespace shop {

// The standard promises std::hash's values to one process only; libstdc++ computes the same ones in each. Its 64 bits
// do: a tag is compared with the one that the same client got for the same page before, not with all there are.
std::string EntityTag(std::string_view text) {
  char digits[16];
  const size_t hash = std::hash<std::string_view>{}(text);
  char* const end = std::to_chars(digits, std::end(digits), hash, 16).ptr;
  return "\"" + std::string(std::begin(digits), end) + "\"";
}

// A tag has no quotes but its own, so it is not found within another one.
bool IfNoneMatchNames(std::string_view if_none_match, std::string_view tag) {
  return if_none_match == "*" || if_none_match.find(tag) != std::string_view::npos;
}

}  // namespace shop
