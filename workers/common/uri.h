// Percent-encoding and query strings, RFC 3986.

#ifndef WORKERS_COMMON_URI_H_
#define WORKERS_COMMON_URI_H_

#include <optional>
#include <string>
#include <string_view>

#include "workers/common/status.h"

namespace shop {

// `text` with each %XX replaced by its byte, once; nothing if a '%' is not followed by two hexadecimal digits.
std::optional<std::string> PercentDecode(std::string_view text);

// `text` with every byte percent-encoded, except the unreserved characters of section 2.3.
std::string PercentEncode(std::string_view text);

// The value of the parameter `name` in the raw `query` ("limit=10&after=x"), decoded. A '+' means a space, as HTML
// forms and client libraries encode it. `value` is empty if the parameter is absent. kBadRequest if it is given twice,
// is empty, or does not decode to UTF-8.
Status QueryParameter(std::string_view query, std::string_view name, std::optional<std::string>* value);

}  // namespace shop

#endif  // WORKERS_COMMON_URI_H_
