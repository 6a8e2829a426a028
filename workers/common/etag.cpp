#include "workers/common/etag.h"

#include <charconv>
#include <functional>
#include <iterator>
#include <utility>

namespace shop {

// The standard promises equal values of std::hash within one process only; libstdc++ computes the same ones in every
// process. 64 bits are enough: a tag is compared only with the one that the same client got before for the same page.
std::string EntityTag(std::string_view text) {
  char tag[18] = {'"'};
  const size_t hash = std::hash<std::string_view>{}(text);
  char* const end = std::to_chars(std::begin(tag) + 1, std::end(tag) - 1, hash, 16).ptr;
  *end = '"';
  return {std::begin(tag), end + 1};
}

// A tag has no quotes except its own, so it is not found within another one.
bool IfNoneMatchNames(std::string_view if_none_match, std::string_view tag) {
  return if_none_match == "*" || if_none_match.find(tag) != std::string_view::npos;
}

void AddCacheHeaders(const HttpRequest& request, HttpResponse* response) {
  std::string tag = EntityTag(response->body);
  for (const auto& [name, value] : response->headers) tag = EntityTag(tag.append(name).append(": ").append(value));
  if (IfNoneMatchNames(request.Header("if-none-match").value_or(""), tag)) {
    response->status = 304;
    response->body.clear();
  }
  response->headers.emplace_back("ETag", std::move(tag));
  response->headers.emplace_back("Cache-Control", "no-cache");
}

}  // namespace shop
