// Turns the body of a request into a product, or into all its faults.

#ifndef WORKERS_PRODUCTS_PRODUCT_PARSER_H_
#define WORKERS_PRODUCTS_PRODUCT_PARSER_H_

#include <optional>
#include <string>
#include <string_view>

#include "workers/common/field_parser.h"
#include "workers/common/status.h"
#include "workers/products/product.h"

namespace shop {

// Each returns kBadRequest if the body is not a JSON object, and kValidationError with every fault of its fields.

// The body of a POST: every field is required.
Status ParseNewProduct(std::string_view body, Product* product);

// The body of a PUT to the product `id`: every field is required, except the id, which must equal `id` if it is there.
Status ParseProductReplacement(std::string_view body, std::string_view id, ProductUpdate* update);

// The body of a PATCH to the product `id`: any of the fields.
Status ParseProductPatch(std::string_view body, std::string_view id, ProductUpdate* update);

// The required field `name` as a product's id. Adds a fault if it cannot be one.
std::optional<std::string> ParseProductId(const FieldParser& fields, std::string_view name);

}  // namespace shop

#endif  // WORKERS_PRODUCTS_PRODUCT_PARSER_H_
