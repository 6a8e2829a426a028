#ifndef WORKERS_PRODUCTS_PRODUCT_HANDLERS_H_
#define WORKERS_PRODUCTS_PRODUCT_HANDLERS_H_

#include <vector>

#include "workers/common/router.h"
#include "workers/products/product_store.h"

namespace shop {

// The resources of the products worker: /products, /products/{id}, and /health, which says whether Redis answers.
// `store` must outlive them.
std::vector<Resource> ProductResources(ProductStore* store);

}  // namespace shop

#endif  // WORKERS_PRODUCTS_PRODUCT_HANDLERS_H_
