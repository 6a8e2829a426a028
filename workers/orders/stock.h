#ifndef WORKERS_ORDERS_STOCK_H_
#define WORKERS_ORDERS_STOCK_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "workers/common/status.h"
#include "workers/orders/stock_movement.h"

namespace shop {

struct OverdueMovements {
  std::vector<StockMovement> movements;  // In the order of their ids, each once.
  std::vector<std::string> broken;       // Ids of whatever age that are none, or have a note that is none.
};

// The stock side of the checkout: reserve, then either confirm or release. Each call is one round trip and happens as a
// whole or not at all. Those that settle a movement take it as it was reserved. Each may fail with kUnavailable, not
// having happened, or with kUnknownOutcome.
class Stock {
 public:
  virtual ~Stock() = default;

  // Takes the goods and notes the movement. kNotFound PRODUCT_NOT_FOUND if a product of `take` does not exist,
  // kConflict INSUFFICIENT_STOCK if one has too little: about the first such, and nothing is taken.
  virtual Status Reserve(const StockMovement& movement) = 0;

  // If the movement is still noted: gives back what is to be given back, and appends the event to the stream
  // orders:events. If not, does nothing: so its effects happen once, however often it is called.
  virtual Status Confirm(const StockMovement& movement, OrderEvent event, int64_t order_id) = 0;

  // Confirm, without waiting for it: ok once it is on its way. Should it fail after that, the note stays.
  virtual Status StartConfirm(const StockMovement& movement, OrderEvent event, int64_t order_id) = 0;

  // If the movement is still noted: gives back what it took. If not, does nothing.
  virtual Status Release(const StockMovement& movement) = 0;

  // The movements that have been noted for longer than `age`, by the store's clock.
  virtual Status FindOverdue(std::chrono::milliseconds age, OverdueMovements* overdue) = 0;

  // Ok if the store answers and takes writes; else kUnavailable, which says whether it is read-only.
  virtual Status Ping() = 0;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_STOCK_H_
