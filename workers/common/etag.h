#ifndef WORKERS_COMMON_ETAG_H_
#define WORKERS_COMMON_ETAG_H_

#include <string>
#include <string_view>

#include "workers/common/http.h"

namespace shop {

// A strong entity tag, RFC 9110 section 8.8.3, with its quotes. Equal texts have equal tags in every worker of one
// build; different texts have different ones. Somebody who searches for it can find two texts with one tag, but gains
// nothing by it.
std::string EntityTag(std::string_view text);

// Whether the header If-None-Match, RFC 9110 section 13.1.2, names `tag`, or "*".
bool IfNoneMatchNames(std::string_view if_none_match, std::string_view tag);

// For the answer to a read: clients may keep it, but ask each time whether it is still the current one. Adds the entity
// tag, and makes the answer a 304 if the client has it already. The headers that are there count for the tag: a next
// page is news, too.
void AddCacheHeaders(const HttpRequest& request, HttpResponse* response);

}  // namespace shop

#endif  // WORKERS_COMMON_ETAG_H_
