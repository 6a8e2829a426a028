// What a worker tells the edge about an answer: which things a write changed, or a read shows. The edge keeps a counter
// for each slot of ids, and what it caches depends on these counters (docs/architecture.md, "The edge cache").

#ifndef WORKERS_COMMON_SLOTS_H_
#define WORKERS_COMMON_SLOTS_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "workers/common/http.h"

namespace shop {

// The CRC-32 of `text` that gzip and nginx use, too.
uint32_t Crc32(std::string_view text);

// The slot of a thing, such as "p4711": `kind`, and the last 16 bits of the CRC-32 of its id. nginx/lua/counters.lua
// computes the same.
std::string Slot(char kind, std::string_view id);

using Slots = std::set<std::string>;

// The edge's headers. Clients never see them.
constexpr char kChangedSlots[] = "X-Changed";  // Of each write that succeeded: all that it may have changed.
constexpr char kShownSlots[] = "X-Shows";      // Of an order: its products. Of a page of orders: their blocks.

// Adds the `header`, such as "X-Changed: b0 o77 p4711", unless there are too many slots for one. Without it the edge
// takes the answer for one that may have changed anything, or keeps none of it.
void AddSlots(const char* header, const Slots& slots, HttpResponse* response);

}  // namespace shop

#endif  // WORKERS_COMMON_SLOTS_H_
