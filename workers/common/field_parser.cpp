#include "workers/common/field_parser.h"

#include <algorithm>
#include <utility>

#include "workers/common/integer.h"

namespace shop {
namespace {

bool IsIntegerText(std::string_view number) {
  return number.find_first_of(".eE") == std::string_view::npos;
}

}  // namespace

std::optional<JsonValue> FieldParser::Find(std::string_view name, Presence presence) const {
  std::optional<JsonValue> value = object_.Find(name);
  if (!value && presence == Presence::kRequired) AddError(name, "Missing data for required field.");
  if (value && value->IsNull()) {
    AddError(name, "Field may not be null.");
    value.reset();
  }
  return value;
}

std::optional<std::string> FieldParser::String(std::string_view name, Presence presence) const {
  const std::optional<JsonValue> value = Find(name, presence);
  if (!value) return std::nullopt;
  if (value->type() == JsonType::kString) return std::string(value->text());
  AddError(name, "Not a valid string.");
  return std::nullopt;
}

std::optional<int64_t> FieldParser::Integer(std::string_view name, Presence presence, int64_t min, int64_t max) const {
  const std::optional<JsonValue> value = Find(name, presence);
  if (!value) return std::nullopt;
  if (value->type() != JsonType::kNumber || !IsIntegerText(value->text())) {
    AddError(name, "Not a valid integer.");
    return std::nullopt;
  }
  const std::optional<int64_t> integer = ParseInteger<int64_t>(value->text());
  if (integer && *integer >= min && *integer <= max) return integer;
  AddError(name, MustBeBetween(min, max));
  return std::nullopt;
}

std::optional<Money> FieldParser::Amount(std::string_view name, Presence presence) const {
  const std::optional<JsonValue> value = Find(name, presence);
  if (!value) return std::nullopt;
  const bool has_text = value->type() == JsonType::kString || value->type() == JsonType::kNumber;
  const std::optional<Money> amount = has_text ? Money::Parse(value->text()) : std::nullopt;
  if (!amount) AddError(name, "Not a valid number.");
  return amount;
}

std::optional<std::vector<JsonValue>> FieldParser::Array(std::string_view name, Presence presence, size_t min,
                                                         size_t max) const {
  const std::optional<JsonValue> value = Find(name, presence);
  if (!value) return std::nullopt;
  if (value->type() != JsonType::kArray) {
    AddError(name, "Invalid type.");
    return std::nullopt;
  }
  std::vector<JsonValue> elements = value->Elements();
  if (elements.size() >= min && elements.size() <= max) return elements;
  AddError(name, LengthMustBeBetween(min, max));
  return std::nullopt;
}

void FieldParser::AddError(std::string_view name, std::string message) const {
  errors_->push_back({prefix_ + std::string(name), std::move(message)});
}

std::string MustBeBetween(int64_t min, int64_t max) {
  return "Must be between " + std::to_string(min) + " and " + std::to_string(max) + ".";
}

std::string LengthMustBeBetween(size_t min, size_t max) {
  return "Length must be between " + std::to_string(min) + " and " + std::to_string(max) + ".";
}

Status ParseObject(std::string_view body, JsonDocument* document) {
  if (Status status = JsonDocument::Parse(body, document); !status.ok()) return status;
  if (document->root().type() != JsonType::kObject) return Status::BadRequest("The body is not a JSON object.");
  return Status::Ok();
}

Status ToStatus(std::vector<FieldError> errors) {
  return errors.empty() ? Status::Ok() : Status::ValidationError(std::move(errors));
}

}  // namespace shop
