// How a client asks for a page, and how its answer is written.

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

// Writes the items that fit, at least one, as a JSON array: the body of a list. Removes the others from `page`. Calls
// `write_item` with an item and the JsonWriter.
template <typename Item, typename WriteItem>
std::string WritePage(const WriteItem& write_item, Page<Item>* page) {
  JsonWriter json;
  json.BeginArray();
  for (size_t i = 0; i < page->items.size(); ++i) {
    const size_t size = json.size();
    write_item(page->items[i], &json);
    if (i == 0 || json.size() < kMaxPageSize) continue;  // One byte is left for the bracket.
    json.CutBack(size);
    page->items.resize(i);
    page->has_more = true;
  }
  json.EndArray();
  return json.Take();
}

// The parameter `limit` of `query`: 1 to 1000, or 100 if it is absent; kBadRequest for anything else.
Status ParseLimit(std::string_view query, size_t* limit);

// Adds the header that leads to the next page, RFC 8288: Link: <`target`>; rel="next".
void AddNextLink(const std::string& target, HttpResponse* response);

}  // namespace shop

#endif  // WORKERS_COMMON_PAGING_H_
