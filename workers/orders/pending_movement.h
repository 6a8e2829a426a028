// A pending movement and its entry in the hash stock:pending, where its id is the field: all that is needed to finish
// it if its worker cannot. The entry is JSON: {"take": items, "give_back": items, "time": milliseconds since 1970}; an
// item is [product id, quantity].

#ifndef WORKERS_ORDERS_PENDING_MOVEMENT_H_
#define WORKERS_ORDERS_PENDING_MOVEMENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workers/orders/stock_movement.h"

namespace shop {

// As entries and events contain them.
std::string ItemsToJson(const std::vector<StockItem>& items);

// The entry up to its time. Redis, whose clock counts, appends the number and "}".
std::string EntryWithoutTime(const StockMovement& movement);

struct PendingMovement {
  StockMovement movement;
  int64_t time = 0;  // When it was reserved, by Redis' clock, in milliseconds since 1970.
};

// Nothing if `entry` is malformed or `movement_id` is no UUID. Reads the entries of earlier versions, too, which have
// {} for an empty list.
std::optional<PendingMovement> ReadPendingMovement(std::string_view movement_id, std::string_view entry);

}  // namespace shop

#endif  // WORKERS_ORDERS_PENDING_MOVEMENT_H_
