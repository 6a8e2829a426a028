#include "workers/orders/pending_movement.h"

#include <utility>

#include "workers/common/integer.h"
#include "workers/common/json.h"
#include "workers/common/uuid.h"

namespace shop {
namespace {

// The greatest quantity that no script rounds: Lua's numbers are doubles.
constexpr int64_t kGreatestQuantity = (int64_t{1} << 53) - 1;

std::optional<int64_t> ReadInteger(const std::optional<JsonValue>& value) {
  if (!value || value->type() != JsonType::kNumber) return std::nullopt;
  return ParseInteger<int64_t>(value->text());
}

std::optional<StockItem> ReadItem(const JsonValue& value) {
  const std::vector<JsonValue> parts = value.Elements();
  if (parts.size() != 2 || parts[0].type() != JsonType::kString) return std::nullopt;
  const std::optional<int64_t> quantity = ReadInteger(parts[1]);
  if (!quantity || *quantity < 1 || *quantity > kGreatestQuantity) return std::nullopt;
  return StockItem{std::string(parts[0].text()), *quantity};
}

bool ReadItems(const std::optional<JsonValue>& value, std::vector<StockItem>* items) {
  if (!value || (value->type() != JsonType::kArray && !value->IsEmptyObject())) return false;
  for (const JsonValue& element : value->Elements()) {
    std::optional<StockItem> item = ReadItem(element);
    if (!item) return false;
    items->push_back(*std::move(item));
  }
  return true;
}

}  // namespace

std::string ItemsToJson(const std::vector<StockItem>& items) {
  JsonWriter json;
  json.BeginArray();
  for (const StockItem& item : items) {
    json.BeginArray().String(item.product_id).Int(item.quantity).EndArray();
  }
  json.EndArray();
  return json.Take();
}

std::string EntryWithoutTime(const StockMovement& movement) {
  return R"({"take":)" + ItemsToJson(movement.take) + R"(,"give_back":)" + ItemsToJson(movement.give_back) +
         R"(,"time":)";
}

std::optional<PendingMovement> ReadPendingMovement(std::string_view movement_id, std::string_view entry) {
  JsonDocument document;
  if (!IsUuid(movement_id) || !JsonDocument::Parse(entry, &document).ok()) return std::nullopt;
  const JsonValue root = document.root();
  const std::optional<int64_t> time = ReadInteger(root.Find("time"));
  PendingMovement pending{{std::string(movement_id), {}, {}}, time.value_or(0)};
  const bool is_well_formed = time && ReadItems(root.Find("take"), &pending.movement.take) &&
                              ReadItems(root.Find("give_back"), &pending.movement.give_back);
  return is_well_formed ? std::optional(std::move(pending)) : std::nullopt;
}

}  // namespace shop
