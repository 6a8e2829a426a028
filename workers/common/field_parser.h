// Reads the fields of a JSON object one by one and collects every fault, so that a client sees all of them at once. The
// messages are those of marshmallow, which clients of the former Python shop know.

#ifndef WORKERS_COMMON_FIELD_PARSER_H_
#define WORKERS_COMMON_FIELD_PARSER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workers/common/json.h"
#include "workers/common/money.h"
#include "workers/common/status.h"

namespace shop {

enum class Presence { kRequired, kOptional };

// Reads one object. Each reader below returns the field's value. It returns nothing and adds a fault if the field is
// wrong, null, or required and absent. It returns nothing and adds no fault if the field is optional and absent.
class FieldParser {
 public:
  // Faults are added to `errors` under `prefix` + name: prefix "order_details.0." gives "order_details.0.quantity".
  // `errors` must outlive the parser.
  FieldParser(JsonValue object, std::string prefix, std::vector<FieldError>* errors)
      : object_(object), prefix_(std::move(prefix)), errors_(errors) {}

  std::optional<std::string> String(std::string_view name, Presence presence) const;

  // A JSON integer, written without point and exponent.
  std::optional<int64_t> Integer(std::string_view name, Presence presence, int64_t min, int64_t max) const;

  // A string or a number, in the form that Money::Parse reads.
  std::optional<Money> Amount(std::string_view name, Presence presence) const;

  // An array of `min` to `max` elements.
  std::optional<std::vector<JsonValue>> Array(std::string_view name, Presence presence, size_t min, size_t max) const;

  void AddError(std::string_view name, std::string message) const;

 private:
  std::optional<JsonValue> Find(std::string_view name, Presence presence) const;

  JsonValue object_;
  std::string prefix_;
  std::vector<FieldError>* errors_;
};

// The sentence for a number or a length that is out of range.
std::string MustBeBetween(int64_t min, int64_t max);
std::string LengthMustBeBetween(size_t min, size_t max);

// Parses `body` as JSON; kBadRequest if it is not JSON, or not an object.
Status ParseObject(std::string_view body, JsonDocument* document);

// Ok if there are no errors, or kValidationError with all of them.
Status ToStatus(std::vector<FieldError> errors);

}  // namespace shop

#endif  // WORKERS_COMMON_FIELD_PARSER_H_
