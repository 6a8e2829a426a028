// The fakes, for the contract suites.

#include <vector>

#include "tests/contract/stores.h"
#include "tests/support/fake_shop.h"

namespace shop {
namespace {

struct Fakes : FakeShop {
  FakeStock rejecting_stock{&calls, &products};
  FakeLocks other_locks{&calls, &locks};
};

std::string Text(const std::vector<FakeStock::Event>& events) {
  static constexpr const char* kNames[] = {"order_created", "order_updated", "order_deleted"};
  std::string text;
  for (const auto& [event, order_id] : events) {
    text += (text.empty() ? "" : ", ") + std::string(kNames[static_cast<int>(event)]) + " " + std::to_string(order_id);
  }
  return text;
}

}  // namespace

Stores MakeStores() {
  const auto fakes = std::make_shared<Fakes>();
  fakes->rejecting_stock.lowest_stock = 0;
  const auto events = [stock = &fakes->stock] { return Text(stock->events); };
  return {fakes,  fakes->products, fakes->stock, fakes->rejecting_stock,
          events, fakes->orders,   fakes->locks, fakes->other_locks};
}

}  // namespace shop
