// The note of a pending movement: what is needed to finish it if its worker cannot. JSON: {"take": items, "give_back":
// items, "time": milliseconds since 1970}, an item being [product id, quantity].

#ifndef WORKERS_ORDERS_MOVEMENT_NOTE_H_
#define WORKERS_ORDERS_MOVEMENT_NOTE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "workers/orders/stock_movement.h"

namespace shop {

// As notes and events have them.
std::string ItemsToJson(const std::vector<StockItem>& items);

// The note up to its time. The number and "}" follow: whoever keeps the note knows the time.
std::string NoteWithoutTime(const StockMovement& movement);

struct MovementNote {
  StockMovement movement;
  int64_t time = 0;
};

// Nothing if `text` is no note, or `movement_id` no UUID. Also reads the notes of earlier versions, which have {} for
// an empty list.
std::optional<MovementNote> ReadNote(std::string_view movement_id, std::string_view text);

}  // namespace shop

#endif  // WORKERS_ORDERS_MOVEMENT_NOTE_H_
