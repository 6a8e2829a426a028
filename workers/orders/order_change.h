// What an update of an order changes: in its details, and in the stock.

#ifndef WORKERS_ORDERS_ORDER_CHANGE_H_
#define WORKERS_ORDERS_ORDER_CHANGE_H_

#include <vector>

#include "workers/common/status.h"
#include "workers/orders/order.h"
#include "workers/orders/stock_movement.h"

namespace shop {

struct OrderChange {
  Order updated;                     // The order as it will be.
  std::vector<OrderDetail> changed;  // Its details that differ from before. None: nothing changes.
  std::vector<StockItem> take;
  std::vector<StockItem> give_back;
};

// Applies `update` to `order`. kValidationError if it names a detail that is not of this order, or if it must name all
// details and leaves one out.
Status PlanChange(const Order& order, const OrderUpdate& update, OrderChange* change);

// How much of each product the details hold, in the order in which the products first appear.
std::vector<StockItem> HeldStock(const std::vector<OrderDetail>& details);
std::vector<StockItem> HeldStock(const NewOrder& order);

}  // namespace shop

#endif  // WORKERS_ORDERS_ORDER_CHANGE_H_
