#ifndef WORKERS_PRODUCTS_PRODUCT_STORE_H_
#define WORKERS_PRODUCTS_PRODUCT_STORE_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "workers/common/page.h"
#include "workers/common/status.h"
#include "workers/products/product.h"

namespace shop {

// Stores the products. Every call is one round trip, and a write happens as a whole or not at all. Each call may fail
// with kUnavailable; a write also with kUnknownOutcome.
class ProductStore {
 public:
  virtual ~ProductStore() = default;

  // Creates `product`, or replaces the one with its id.
  virtual Status Put(const Product& product) = 0;

  // kNotFound if there is no such product.
  virtual Status Get(const std::string& id, Product* product) = 0;

  // The products of `ids`, in their order; absent where there is none.
  virtual Status GetMany(std::span<const std::string> ids, std::vector<std::optional<Product>>* products) = 0;

  // Replaces the fields that `update` names and gives the product as it is afterwards. kNotFound as in Get.
  virtual Status Update(const std::string& id, const ProductUpdate& update, Product* product) = 0;

  // kNotFound as in Get.
  virtual Status Delete(const std::string& id) = 0;

  // The page of up to `limit` products whose ids come after `after`, or from the first one on, in byte order of their
  // ids. After its first product it may end early: before one that would make its JSON larger than kMaxPageSize.
  virtual Status List(const std::optional<std::string>& after, size_t limit, Page<Product>* page) = 0;

  // Ok if the store answers and takes writes. Else kUnavailable; is_read_only() if it answers, but takes no writes.
  virtual Status Ping() = 0;
};

}  // namespace shop

#endif  // WORKERS_PRODUCTS_PRODUCT_STORE_H_
