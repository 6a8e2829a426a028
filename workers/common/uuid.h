#ifndef WORKERS_COMMON_UUID_H_
#define WORKERS_COMMON_UUID_H_

#include <string>
#include <string_view>

namespace shop {

// A new UUID of version 7, RFC 9562 section 5.7, in lower case: milliseconds since 1970, then random bits. UUIDs are
// ordered by time, so a new one goes to the right edge of an index, however large the index is.
std::string NewUuid();

// Whether `text` is a UUID of any version in the form that NewUuid writes: in lower case, with hyphens.
bool IsUuid(std::string_view text);

}  // namespace shop

#endif  // WORKERS_COMMON_UUID_H_
