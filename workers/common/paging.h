// Keyset pagination: a page is asked for by the last id of the page before, so that each costs the same.

#ifndef WORKERS_COMMON_PAGING_H_
#define WORKERS_COMMON_PAGING_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "workers/common/http.h"
#include "workers/common/status.h"

namespace shop {

// The parameter `limit` of `query`, 1 to 1000, 100 if left out; kBadRequest for anything else.
Status ParseLimit(std::string_view query, size_t* limit);

// Tells the client where the next page is, RFC 8288: Link: <`target`>; rel="next".
void AddNextLink(const std::string& target, HttpResponse* response);

}  // namespace shop

#endif  // WORKERS_COMMON_PAGING_H_
