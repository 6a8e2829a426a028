#ifndef WORKERS_COMMON_BODY_SIZE_H_
#define WORKERS_COMMON_BODY_SIZE_H_

#include <cstddef>

namespace shop {

// The largest body of a request, and of a list, in bytes. nginx has its own numbers for it: client_max_body_size
// (limits.conf) and the room for a page (lua/cache_room.lua). tests/http/test_body_size.py, test_page_size.py and
// test_list_cache_room.py check that they agree.
constexpr size_t kMaxBodySize = 1 << 20;

}  // namespace shop

#endif  // WORKERS_COMMON_BODY_SIZE_H_
