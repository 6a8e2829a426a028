#include "workers/orders/order_change.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace shop {
namespace {

// Adds to the item of `product_id`. An order has at most 100 details: a search costs less than a map.
void AddTo(std::vector<StockItem>* items, const std::string& product_id, int64_t quantity) {
  const auto item = std::find_if(items->begin(), items->end(),
                                 [&](const StockItem& candidate) { return candidate.product_id == product_id; });
  if (item != items->end()) {
    item->quantity += quantity;
  } else {
    items->push_back({product_id, quantity});
  }
}

// What moves between the stock held before and the stock held afterwards. Both name the same products.
void PlanStock(const Order& before, OrderChange* change) {
  std::vector<StockItem> difference = HeldStock(change->updated.details);
  for (const StockItem& held : HeldStock(before.details)) AddTo(&difference, held.product_id, -held.quantity);
  for (const StockItem& item : difference) {
    if (item.quantity > 0) change->take.push_back(item);
    if (item.quantity < 0) change->give_back.push_back({item.product_id, -item.quantity});
  }
}

}  // namespace

Status PlanChange(const Order& order, const OrderUpdate& update, OrderChange* change) {
  *change = {order, {}, {}, {}};
  std::vector<FieldError> errors;
  std::vector<OrderDetail>& details = change->updated.details;
  for (size_t i = 0; i < update.details.size(); ++i) {
    const DetailUpdate& wanted = update.details[i];
    const auto detail =
        std::find_if(details.begin(), details.end(), [&](const OrderDetail& other) { return other.id == wanted.id; });
    if (detail == details.end()) {
      errors.push_back({"order_details." + std::to_string(i) + ".id", "Not a detail of this order."});
      continue;
    }
    const OrderDetail before = *detail;
    detail->price = wanted.price.value_or(before.price);
    detail->quantity = wanted.quantity.value_or(before.quantity);
    if (detail->price != before.price || detail->quantity != before.quantity) change->changed.push_back(*detail);
  }
  // No detail is named twice: if the numbers are equal, all details are named.
  if (update.names_all_details && errors.empty() && update.details.size() != details.size()) {
    errors.push_back({"order_details", "Every detail of the order must be named."});
  }
  if (!errors.empty()) return Status::ValidationError(std::move(errors));
  PlanStock(order, change);
  return Status::Ok();
}

std::vector<StockItem> HeldStock(const std::vector<OrderDetail>& details) {
  std::vector<StockItem> held;
  for (const OrderDetail& detail : details) AddTo(&held, detail.product_id, detail.quantity);
  return held;
}

std::vector<StockItem> HeldStock(const NewOrder& order) {
  std::vector<StockItem> held;
  for (const NewOrderDetail& detail : order) AddTo(&held, detail.product_id, detail.quantity);
  return held;
}

}  // namespace shop
