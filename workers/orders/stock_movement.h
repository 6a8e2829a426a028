#ifndef WORKERS_ORDERS_STOCK_MOVEMENT_H_
#define WORKERS_ORDERS_STOCK_MOVEMENT_H_

#include <cstdint>
#include <string>
#include <vector>

namespace shop {

struct StockItem {
  std::string product_id;
  int64_t quantity = 0;  // Greater than 0.

  bool operator==(const StockItem&) const = default;
};

// What one write of an order does to the stock. Each product stands at most once in each list.
struct StockMovement {
  std::string id;                    // A UUID, new for each attempt.
  std::vector<StockItem> take;       // When it is reserved.
  std::vector<StockItem> give_back;  // When it is confirmed.

  bool operator==(const StockMovement&) const = default;
};

enum class OrderEvent { kCreated, kUpdated, kDeleted };

}  // namespace shop

#endif  // WORKERS_ORDERS_STOCK_MOVEMENT_H_
