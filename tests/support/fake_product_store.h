#ifndef TESTS_SUPPORT_FAKE_PRODUCT_STORE_H_
#define TESTS_SUPPORT_FAKE_PRODUCT_STORE_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/store_calls.h"
#include "workers/products/product_store.h"

namespace shop {

// Products in memory. Its calls are named "products.Put" and so on.
class FakeProductStore : public ProductStore {
 public:
  explicit FakeProductStore(StoreCalls* calls) : calls_(calls) {}

  std::map<std::string, Product> products;  // By id, in byte order.

  Status Put(const Product& product) override {
    return calls_->Make("products.Put", [&] {
      products[product.id] = product;
      return Status::Ok();
    });
  }

  Status Get(const std::string& id, Product* product) override {
    return calls_->Make("products.Get", [&] {
      if (!products.contains(id)) return ProductNotFound(id);
      *product = products[id];
      return Status::Ok();
    });
  }

  Status GetMany(std::span<const std::string> ids, std::vector<std::optional<Product>>* found) override {
    std::string name = "products.GetMany(";
    for (const std::string& id : ids) name += (name.ends_with('(') ? "" : ",") + id;
    return calls_->Make(name + ")", [&] {
      found->clear();
      for (const std::string& id : ids) {
        found->push_back(products.contains(id) ? std::optional(products[id]) : std::nullopt);
      }
      return Status::Ok();
    });
  }

  Status Update(const std::string& id, const ProductUpdate& update, Product* product) override {
    return calls_->Make("products.Update", [&] {
      if (!products.contains(id)) return ProductNotFound(id);
      Product& stored = products[id];
      stored.title = update.title.value_or(stored.title);
      stored.passenger_capacity = update.passenger_capacity.value_or(stored.passenger_capacity);
      stored.maximum_speed = update.maximum_speed.value_or(stored.maximum_speed);
      stored.in_stock = update.in_stock.value_or(stored.in_stock);
      *product = stored;
      return Status::Ok();
    });
  }

  Status Delete(const std::string& id) override {
    return calls_->Make("products.Delete",
                        [&] { return products.erase(id) == 1 ? Status::Ok() : ProductNotFound(id); });
  }

  Status List(const std::optional<std::string>& after, size_t limit, Page<Product>* page) override {
    return calls_->Make("products.List", [&] {
      page->items.clear();
      auto next = after ? products.upper_bound(*after) : products.begin();
      for (; next != products.end() && page->items.size() < limit; ++next) page->items.push_back(next->second);
      page->has_more = next != products.end();
      return Status::Ok();
    });
  }

  Status Ping() override {
    return calls_->Make("products.Ping", [] { return Status::Ok(); });
  }

 private:
  StoreCalls* calls_;
};

}  // namespace shop

#endif  // TESTS_SUPPORT_FAKE_PRODUCT_STORE_H_
