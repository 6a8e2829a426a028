#ifndef WORKERS_COMMON_ETAG_H_
#define WORKERS_COMMON_ETAG_H_

#include <string>
#include <string_view>

namespace shop {

// A strong entity tag, RFC 9110 section 8.8.3, with its quotes. Equal texts have equal tags in every worker of one
// build; different texts have different ones. Somebody who searches for it can find two texts with one tag, but gains
// nothing by it.
std::string EntityTag(std::string_view text);

// Whether the header If-None-Match, RFC 9110 section 13.1.2, names `tag`, or "*".
bool IfNoneMatchNames(std::string_view if_none_match, std::string_view tag);

}  // namespace shop

#endif  // WORKERS_COMMON_ETAG_H_
