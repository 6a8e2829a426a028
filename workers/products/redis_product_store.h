#ifndef WORKERS_PRODUCTS_REDIS_PRODUCT_STORE_H_
#define WORKERS_PRODUCTS_REDIS_PRODUCT_STORE_H_

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "workers/common/redis.h"
#include "workers/products/product_store.h"

namespace shop {

// The key of a product's hash; the hash has the fields of the Python shop.
std::string ProductKey(std::string_view id);

// Products in Redis: each is a hash, and the sorted set `product_index` has their ids, all with score 0, for paging. A
// hash that lacks a field or has a malformed one is no product.
class RedisProductStore : public ProductStore {
 public:
  // The scripts that `redis` must have.
  static std::span<const RedisScript* const> Scripts();

  // `redis` must outlive the store.
  explicit RedisProductStore(RedisConnection* redis) : redis_(redis) {}

  Status Put(const Product& product) override;
  Status Get(const std::string& id, Product* product) override;
  Status GetMany(std::span<const std::string> ids, std::vector<std::optional<Product>>* products) override;
  Status Update(const std::string& id, const ProductUpdate& update, Product* product) override;
  Status Delete(const std::string& id) override;
  Status List(const std::optional<std::string>& after, size_t limit, Page<Product>* page) override;
  Status Ping() override;

  // Puts every product that the API can name into the index, for a database that the Python shop filled. `indexed`
  // counts the keys below `products:` that are products, `skipped` the others. It may run while the shop runs, and
  // again. It reads the whole keyspace in many small steps, and calls `after_step` after each.
  Status BuildIndex(size_t* indexed, size_t* skipped, const std::function<void()>& after_step = {});

 private:
  RedisConnection* redis_;
};

}  // namespace shop

#endif  // WORKERS_PRODUCTS_REDIS_PRODUCT_STORE_H_
