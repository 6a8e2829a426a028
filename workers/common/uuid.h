#ifndef WORKERS_COMMON_UUID_H_
#define WORKERS_COMMON_UUID_H_

#include <string>
#include <string_view>

namespace shop {

// A new UUID of version 7, RFC 9562 section 5.7, in lower-case text: milliseconds since 1970, then random bits. Being
// ordered by time, it goes to the right edge of an index, whatever the index's size.
std::string NewUuid();

// Whether `text` is a UUID as NewUuid writes it, of whatever version: in lower case, with hyphens.
bool IsUuid(std::string_view text);

}  // namespace shop

#endif  // WORKERS_COMMON_UUID_H_
