// How a client asks for a page, and gets it.

#ifndef WORKERS_COMMON_PAGING_H_
#define WORKERS_COMMON_PAGING_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "workers/common/http.h"
#include "workers/common/json.h"
#include "workers/common/page.h"
#include "workers/common/status.h"

namespace shop {

// Writes as many of the items as fit, at least one, as the JSON array that is the body of a list, and leaves only those
// in `page`. `write_item` is called with an item and the JsonWriter.
template <typename Item, typename WriteItem>
std::string WritePage(const WriteItem& write_item, Page<Item>* page) {
  JsonWriter json;
  json.BeginArray();
  for (size_t i = 0; i < page->items.size(); ++i) {
    const size_t size = json.size();
    write_item(page->items[i], &json);
    if (i == 0 || json.size() < kMaxPageSize) continue;  // One byte is for the bracket.
    json.CutBack(size);
    page->items.resize(i);
    page->has_more = true;
  }
  json.EndArray();
  return json.Take();
}

// The parameter `limit` of `query`, 1 to 1000, 100 if left out; kBadRequest for anything else.
Status ParseLimit(std::string_view query, size_t* limit);

// Tells the client where the next page is, RFC 8288: Link: <`target`>; rel="next".
void AddNextLink(const std::string& target, HttpResponse* response);

}  // namespace shop

#endif  // WORKERS_COMMON_PAGING_H_
