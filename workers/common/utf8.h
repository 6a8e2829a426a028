#ifndef WORKERS_COMMON_UTF8_H_
#define WORKERS_COMMON_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace shop {

// Whether `text` is well-formed UTF-8, RFC 3629 section 4: no overlong forms, no surrogates, nothing past U+10FFFF.
bool IsUtf8(std::string_view text);

// `text` with U+FFFD for each byte that is not part of a well-formed sequence.
std::string ToUtf8(std::string_view text);

// How many code points the well-formed `text` has.
size_t Utf8Length(std::string_view text);

// Whether the well-formed `text` has a control character: U+0000 to U+001F, U+007F to U+009F.
bool HasControlCharacter(std::string_view text);

}  // namespace shop

#endif  // WORKERS_COMMON_UTF8_H_
