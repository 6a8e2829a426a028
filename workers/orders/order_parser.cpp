#include "workers/orders/order_parser.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "workers/common/field_parser.h"
#include "workers/products/product_parser.h"

namespace shop {
namespace {

constexpr size_t kMaxDetails = 100;
constexpr int64_t kMaxQuantity = 2147483647;
constexpr int64_t kMaxId = std::numeric_limits<int64_t>::max();
constexpr std::string_view kDetails = "order_details";

// Reads the details of `body` one by one with `parse_detail`, a function of FieldParser, and collects their faults.
template <typename ParseDetail>
Status ParseDetails(std::string_view body, Presence presence, size_t min_details, ParseDetail parse_detail) {
  JsonDocument document;
  if (Status status = ParseObject(body, &document); !status.ok()) return status;
  std::vector<FieldError> errors;
  const FieldParser fields(document.root(), "", &errors);
  const auto details = fields.Array(kDetails, presence, min_details, kMaxDetails);
  for (size_t i = 0; details && i < details->size(); ++i) {
    const JsonValue& detail = (*details)[i];
    const std::string path = std::string(kDetails) + "." + std::to_string(i);
    if (detail.type() == JsonType::kObject) {
      parse_detail(FieldParser(detail, path + ".", &errors));
    } else {
      errors.push_back({path, "Invalid input type."});
    }
  }
  return ToStatus(std::move(errors));
}

Status ParseUpdate(std::string_view body, Presence presence, OrderUpdate* update) {
  update->details.clear();
  std::set<int64_t> named;
  const size_t min_details = presence == Presence::kRequired ? 1 : 0;
  return ParseDetails(body, presence, min_details, [&](const FieldParser& fields) {
    const std::optional<int64_t> id = fields.Integer("id", Presence::kRequired, 1, kMaxId);
    if (id && !named.insert(*id).second) fields.AddError("id", "Named more than once.");
    const std::optional<Money> price = fields.Amount("price", presence);
    const std::optional<int64_t> quantity = fields.Integer("quantity", presence, 1, kMaxQuantity);
    update->details.push_back({id.value_or(0), price, quantity});
  });
}

}  // namespace

Status ParseNewOrder(std::string_view body, NewOrder* order) {
  order->clear();
  return ParseDetails(body, Presence::kRequired, 1, [&](const FieldParser& fields) {
    std::optional<std::string> product_id = ParseProductId(fields, "product_id");
    const std::optional<Money> price = fields.Amount("price", Presence::kRequired);
    const std::optional<int64_t> quantity = fields.Integer("quantity", Presence::kRequired, 1, kMaxQuantity);
    order->push_back({std::move(product_id).value_or(""), price.value_or(Money()), quantity.value_or(0)});
  });
}

Status ParseOrderReplacement(std::string_view body, OrderUpdate* update) {
  update->names_all_details = true;
  return ParseUpdate(body, Presence::kRequired, update);
}

Status ParseOrderPatch(std::string_view body, OrderUpdate* update) {
  update->names_all_details = false;
  return ParseUpdate(body, Presence::kOptional, update);
}

}  // namespace shop
