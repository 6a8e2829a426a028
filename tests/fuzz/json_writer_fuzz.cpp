// JsonDocument reads what JsonWriter writes, value for value.

#include <fuzzer/FuzzedDataProvider.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/fuzz/property.h"
#include "workers/common/json.h"
#include "workers/common/utf8.h"

namespace shop {
namespace {

constexpr int kMaxDepth = 32;
constexpr size_t kMaxItems = 8;

struct Value {
  JsonType type = JsonType::kNull;
  std::string text;
  std::vector<Value> items;  // The values of an array; of an object, under the names "0", "1" and so on.
};

Value Consume(FuzzedDataProvider* input, int depth) {
  Value value;
  switch (input->ConsumeIntegralInRange(0, depth < kMaxDepth ? 4 : 2)) {
    case 0: break;
    case 1: value = {JsonType::kString, ToUtf8(input->ConsumeRandomLengthString()), {}}; break;
    case 2: value = {JsonType::kNumber, std::to_string(input->ConsumeIntegral<int64_t>()), {}}; break;
    case 3: value.type = JsonType::kArray; break;
    default: value.type = JsonType::kObject;
  }
  if (value.type != JsonType::kArray && value.type != JsonType::kObject) return value;
  while (value.items.size() < kMaxItems && input->ConsumeBool()) value.items.push_back(Consume(input, depth + 1));
  return value;
}

void Write(const Value& value, JsonWriter* json) {
  const bool is_object = value.type == JsonType::kObject;
  switch (value.type) {
    case JsonType::kString: json->String(value.text); return;
    case JsonType::kNumber: json->Int(std::stoll(value.text)); return;
    case JsonType::kArray: json->BeginArray(); break;
    case JsonType::kObject: json->BeginObject(); break;
    default: json->Null(); return;
  }
  for (size_t i = 0; i < value.items.size(); ++i) {
    if (is_object) json->Key(std::to_string(i));
    Write(value.items[i], json);
  }
  is_object ? json->EndObject() : json->EndArray();
}

void CheckRead(const Value& written, const JsonValue& read) {
  Require(read.type() == written.type && read.text() == written.text, "a value is read as it was written");
  const std::vector<JsonValue> elements = read.Elements();
  if (read.type() == JsonType::kArray) Require(elements.size() == written.items.size(), "an array keeps its length");
  for (size_t i = 0; i < written.items.size(); ++i) {
    if (read.type() == JsonType::kArray) {
      CheckRead(written.items[i], elements[i]);
    } else {
      const std::optional<JsonValue> member = read.Find(std::to_string(i));
      Require(member.has_value(), "an object keeps its members");
      CheckRead(written.items[i], *member);
    }
  }
}

}  // namespace
}  // namespace shop

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider input(data, size);
  const shop::Value value = shop::Consume(&input, 0);
  shop::JsonWriter json;
  shop::Write(value, &json);
  shop::JsonDocument document;
  Require(shop::JsonDocument::Parse(json.Take(), &document).ok(), "what is written is JSON");
  shop::CheckRead(value, document.root());
  return 0;
}
