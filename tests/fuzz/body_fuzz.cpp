// Bodies of products, orders and their updates: an accepted body keeps the rules of docs/openapi.yaml and means what
// was written; the answer to a refused one is JSON.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/fuzz/property.h"
#include "tests/fuzz/utf8_reference.h"
#include "workers/common/error_response.h"
#include "workers/common/json.h"
#include "workers/orders/order_parser.h"
#include "workers/products/product_parser.h"
#include "workers/products/product_writer.h"

namespace shop {
namespace {

constexpr int64_t kMaxNumber = 2147483647;
constexpr std::string_view kPathId = "the_odyssey";

bool IsNumber(std::optional<int64_t> number, int64_t min) {
  return !number || (*number >= min && *number <= kMaxNumber);
}

bool IsTitle(const std::optional<std::string>& title) {
  if (!title) return true;
  const std::optional<std::u32string> characters = CodePoints(*title);
  return characters && !characters->empty() && characters->size() <= 256;
}

void CheckUpdate(const ProductUpdate& update) {
  Require(IsTitle(update.title), "a title has 1 to 256 characters");
  Require(IsNumber(update.passenger_capacity, 0) && IsNumber(update.maximum_speed, 0) && IsNumber(update.in_stock, 0),
          "a product's numbers are in their range");
}

std::string ToJson(const Product& product) {
  JsonWriter json;
  WriteProduct(product, &json);
  return json.Take();
}

void CheckProduct(const Product& product) {
  CheckUpdate({product.title, product.passenger_capacity, product.maximum_speed, product.in_stock});
  Require(IsProductId(product.id), "a product's id is one");
  Product again;
  Require(ParseNewProduct(ToJson(product), &again).ok(), "a product as it is shown can be sent back");
  Require(ToJson(again) == ToJson(product), "a product that is sent back is the same");
}

// `order` as the body of a POST.
std::string ToJson(const NewOrder& order) {
  JsonWriter json;
  json.BeginObject().Key("order_details").BeginArray();
  for (const NewOrderDetail& detail : order) {
    json.BeginObject().Key("product_id").String(detail.product_id);
    json.Key("price").String(detail.price.ToString()).Key("quantity").Int(detail.quantity).EndObject();
  }
  json.EndArray().EndObject();
  return json.Take();
}

void CheckOrder(const NewOrder& order) {
  Require(!order.empty() && order.size() <= 100, "an order has 1 to 100 details");
  for (const NewOrderDetail& detail : order) {
    Require(IsProductId(detail.product_id) && IsNumber(detail.quantity, 1), "a detail keeps its rules");
  }
  NewOrder again;
  Require(ParseNewOrder(ToJson(order), &again).ok(), "an order as it was read can be sent again");
  Require(ToJson(again) == ToJson(order), "an order that is sent again is the same");
}

void CheckUpdate(const OrderUpdate& update) {
  Require(update.details.size() <= 100, "an update has at most 100 details");
  Require(!update.names_all_details || !update.details.empty(), "a replacement has at least one detail");
  for (const DetailUpdate& detail : update.details) {
    Require(detail.id >= 1 && IsNumber(detail.quantity, 1), "a detail's update keeps its rules");
    Require(!update.names_all_details || (detail.price && detail.quantity), "a replacement has every field");
  }
}

// For a body that is refused.
void CheckRefusal(std::string_view body, const Status& status) {
  JsonDocument document;
  const bool is_object = JsonDocument::Parse(body, &document).ok() && document.root().type() == JsonType::kObject;
  Require(status.Is(is_object ? StatusCode::kValidationError : StatusCode::kBadRequest),
          "an object is invalid, anything else is a bad request");
  Require(!is_object || !status.fields().empty(), "what is invalid names its fields");
  JsonDocument answer;
  Require(JsonDocument::Parse(ErrorResponse(status).body, &answer).ok(), "an error's answer is JSON");
  Require(answer.root().Find("error") && answer.root().Find("message"), "an error's answer has a code and a message");
}

// Parses with `parse`, and checks the result with `check`, which is CheckUpdate, CheckProduct or CheckOrder.
template <typename Value, typename Parse, typename Check>
bool IsTaken(std::string_view body, Parse parse, Check check) {
  Value value;
  const Status status = parse(body, &value);
  if (status.ok()) {
    check(value);
  } else {
    CheckRefusal(body, status);
  }
  return status.ok();
}

void CheckBody(std::string_view body) {
  const auto check_product_update = [](const ProductUpdate& update) { CheckUpdate(update); };
  const auto check_order_update = [](const OrderUpdate& update) { CheckUpdate(update); };
  const auto with_id = [](auto parse) {
    return [parse](std::string_view text, ProductUpdate* update) { return parse(text, kPathId, update); };
  };
  IsTaken<Product>(body, ParseNewProduct, CheckProduct);
  IsTaken<NewOrder>(body, ParseNewOrder, CheckOrder);
  Require(!IsTaken<ProductUpdate>(body, with_id(ParseProductReplacement), check_product_update) ||
              IsTaken<ProductUpdate>(body, with_id(ParseProductPatch), check_product_update),
          "what may replace a product may patch it");
  Require(!IsTaken<OrderUpdate>(body, ParseOrderReplacement, check_order_update) ||
              IsTaken<OrderUpdate>(body, ParseOrderPatch, check_order_update),
          "what may replace an order's details may patch them");
}

}  // namespace
}  // namespace shop

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  shop::CheckBody({reinterpret_cast<const char*>(data), size});
  return 0;
}
