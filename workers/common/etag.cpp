#include "workers/common/etag.h"

#include <xxhash.h>

#include <array>
#include <cstdio>

namespace shop {

// XXH3 reads some 10 GB/s, so that a page costs a microsecond; of 128 bits two different pages never have the same.
// The canonical form is in the same byte order everywhere.
std::string EntityTag(std::string_view text) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(text.data(), text.size()));
  std::string tag = "\"";
  for (const unsigned char byte : canonical.digest) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", byte);
    tag += digits.data();
  }
  return tag + "\"";
}

}  // namespace shop
