#include "workers/products/product_parser.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "workers/common/field_parser.h"
#include "workers/common/utf8.h"

namespace shop {
namespace {

constexpr int64_t kMaxNumber = 2147483647;
constexpr size_t kMaxTitleLength = 256;

std::optional<std::string> ParseTitle(const FieldParser& fields, Presence presence) {
  std::optional<std::string> title = fields.String("title", presence);
  if (title && (title->empty() || Utf8Length(*title) > kMaxTitleLength)) {
    fields.AddError("title", LengthMustBeBetween(1, kMaxTitleLength));
  }
  return title;
}

ProductUpdate ParseFields(const FieldParser& fields, Presence presence) {
  ProductUpdate update;
  update.title = ParseTitle(fields, presence);
  update.passenger_capacity = fields.Integer("passenger_capacity", presence, 0, kMaxNumber);
  update.maximum_speed = fields.Integer("maximum_speed", presence, 0, kMaxNumber);
  update.in_stock = fields.Integer("in_stock", presence, 0, kMaxNumber);
  return update;
}

Status ParseUpdate(std::string_view body, std::string_view id, Presence presence, ProductUpdate* update) {
  JsonDocument document;
  if (Status status = ParseObject(body, &document); !status.ok()) return status;
  std::vector<FieldError> errors;
  const FieldParser fields(document.root(), "", &errors);
  const std::optional<std::string> body_id = fields.String("id", Presence::kOptional);
  if (body_id && *body_id != id) fields.AddError("id", "Must be the id in the path.");
  *update = ParseFields(fields, presence);
  return ToStatus(std::move(errors));
}

}  // namespace

Status ParseNewProduct(std::string_view body, Product* product) {
  JsonDocument document;
  if (Status status = ParseObject(body, &document); !status.ok()) return status;
  std::vector<FieldError> errors;
  const FieldParser fields(document.root(), "", &errors);
  const std::optional<std::string> id = ParseProductId(fields, "id");
  const ProductUpdate values = ParseFields(fields, Presence::kRequired);
  if (!errors.empty()) return ToStatus(std::move(errors));
  *product = {*id, *values.title, *values.passenger_capacity, *values.maximum_speed, *values.in_stock};
  return Status::Ok();
}

Status ParseProductReplacement(std::string_view body, std::string_view id, ProductUpdate* update) {
  return ParseUpdate(body, id, Presence::kRequired, update);
}

Status ParseProductPatch(std::string_view body, std::string_view id, ProductUpdate* update) {
  return ParseUpdate(body, id, Presence::kOptional, update);
}

std::optional<std::string> ParseProductId(const FieldParser& fields, std::string_view name) {
  std::optional<std::string> id = fields.String(name, Presence::kRequired);
  if (id && !IsProductId(*id)) {
    fields.AddError(name, "Must be 1 to 128 bytes, without '/' or control characters, and neither '.' nor '..'.");
  }
  return id;
}

}  // namespace shop
