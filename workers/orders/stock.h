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
  std::vector<std::string> broken;       // Ids that are no UUIDs, or whose entry is malformed; of any age.
};

// The stock side of the checkout: reserve, then either confirm or release. Each of these is one round trip and happens
// as a whole or not at all. Confirm and Release take the movement as it was reserved. Each call may fail with
// kUnavailable, which means that it did not happen, with kUnknownOutcome, or, of a defect, with kUnexpected.
class Stock {
 public:
  virtual ~Stock() = default;

  // Takes the goods; from then on the movement is pending. kNotFound PRODUCT_NOT_FOUND if a product of `take` does not
  // exist, kConflict INSUFFICIENT_STOCK if one has too little. The message names the first such product, and nothing is
  // taken.
  virtual Status Reserve(const StockMovement& movement) = 0;

  // If the movement is pending: gives back what it must give back, and appends the event to the stream orders:events.
  // If not, does nothing. So its effects happen once, however often it is called.
  virtual Status Confirm(const StockMovement& movement, OrderEvent event, int64_t order_id) = 0;

  // Like Confirm, but does not wait for the reply: ok once it is sent. If it fails after that, the movement stays
  // pending.
  virtual Status StartConfirm(const StockMovement& movement, OrderEvent event, int64_t order_id) = 0;

  // If the movement is pending: gives back what it took. If not, does nothing.
  virtual Status Release(const StockMovement& movement) = 0;

  // The movements that have been pending for longer than `age`, by the store's clock, and the broken ones.
  virtual Status FindOverdue(std::chrono::milliseconds age, OverdueMovements* overdue) = 0;

  // Ok if the store answers and takes writes. Else kUnavailable; is_read_only() if it answers, but takes no writes.
  virtual Status Ping() = 0;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_STOCK_H_
