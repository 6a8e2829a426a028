#ifndef WORKERS_PRODUCTS_PRODUCT_WRITER_H_
#define WORKERS_PRODUCTS_PRODUCT_WRITER_H_

#include "workers/common/json.h"
#include "workers/products/product.h"

namespace shop {

// Writes `product` as clients see it, as one JSON value.
void WriteProduct(const Product& product, JsonWriter* json);

}  // namespace shop

#endif  // WORKERS_PRODUCTS_PRODUCT_WRITER_H_
