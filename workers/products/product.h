#ifndef WORKERS_PRODUCTS_PRODUCT_H_
#define WORKERS_PRODUCTS_PRODUCT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "workers/common/status.h"

namespace shop {

struct Product {
  std::string id;
  std::string title;
  int64_t passenger_capacity = 0;
  int64_t maximum_speed = 0;
  int64_t in_stock = 0;  // Below zero when more was ordered than there was.
};

// What a PUT or PATCH replaces: the fields that have a value. Never the id.
struct ProductUpdate {
  std::optional<std::string> title;
  std::optional<int64_t> passenger_capacity;
  std::optional<int64_t> maximum_speed;
  std::optional<int64_t> in_stock;
};

// Whether `id` may name a product: UTF-8, 1 to 128 bytes, no control character, no '/', neither "." nor "..".
bool IsProductId(std::string_view id);

// The slot of a product, common/slots.h.
std::string ProductSlot(std::string_view id);

// kNotFound PRODUCT_NOT_FOUND, for a request that names the product in its path.
Status ProductNotFound(std::string_view id);

}  // namespace shop

#endif  // WORKERS_PRODUCTS_PRODUCT_H_
