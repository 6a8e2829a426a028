// Keyset pagination: a page is asked for by the last id of the page before, so that each costs the same. A page ends
// where its limit, or kMaxPageSize, is reached.

#ifndef WORKERS_COMMON_PAGE_H_
#define WORKERS_COMMON_PAGE_H_

#include <cstddef>
#include <vector>

#include "workers/common/body_size.h"

namespace shop {

// The bytes of a list's body, unless its one item alone is larger.
constexpr size_t kMaxPageSize = kMaxBodySize;

template <typename Item>
struct Page {
  std::vector<Item> items;
  bool has_more = false;  // Whether there are more behind them.
};

}  // namespace shop

#endif  // WORKERS_COMMON_PAGE_H_
