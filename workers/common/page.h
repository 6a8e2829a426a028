// Keyset pagination: a client asks for a page by the last id of the page before, so that every page costs the same. A
// page ends at its limit or at kMaxPageSize, whichever comes first.

#ifndef WORKERS_COMMON_PAGE_H_
#define WORKERS_COMMON_PAGE_H_

#include <cstddef>
#include <vector>

#include "workers/common/body_size.h"

namespace shop {

// The most bytes of a list's body, unless a single item is larger.
constexpr size_t kMaxPageSize = kMaxBodySize;

template <typename Item>
struct Page {
  std::vector<Item> items;
  bool has_more = false;  // Whether more items follow.
};

}  // namespace shop

#endif  // WORKERS_COMMON_PAGE_H_
