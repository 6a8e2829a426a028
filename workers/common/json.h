// JSON as the workers read and write it. Only json.cpp uses RapidJSON, which does the reading.
//
// Reading is strict (RFC 8259): one document, UTF-8 without byte order mark, no lone surrogates, at most 32 levels
// deep. Numbers stay text, so that no price and no id ever passes through binary floating point.

#ifndef WORKERS_COMMON_JSON_H_
#define WORKERS_COMMON_JSON_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "workers/common/status.h"

namespace shop {

enum class JsonType : uint8_t { kNull, kBool, kNumber, kString, kArray, kObject };

class JsonReader;

// One value of a JsonDocument: a light view, valid as long as the document lives.
class JsonValue {
 public:
  JsonType type() const { return node_->type; }
  bool IsNull() const { return type() == JsonType::kNull; }

  // The decoded characters of a string, or a number as it was written; empty for any other type. A number far beyond
  // the range of a double may lose some of its many digits, but keeps its form.
  std::string_view text() const { return node_->text; }

  // The value under `name` in this object; if the name is given twice, the last one. Nothing if there is none, or if
  // this is not an object.
  std::optional<JsonValue> Find(std::string_view name) const;

  bool IsEmptyObject() const { return type() == JsonType::kObject && node_->span == 1; }

  // The elements of this array in order; nothing if this is not an array.
  std::vector<JsonValue> Elements() const;

 private:
  friend class JsonDocument;
  friend class JsonReader;

  struct Node {
    JsonType type = JsonType::kNull;
    uint32_t span = 1;  // How many nodes this value takes, with everything inside it.
    std::string_view text;
  };

  explicit JsonValue(const Node* node) : node_(node) {}

  const Node* node_;
};

// A parsed text. Its nodes are in the order of the text; an object's are name, value, name, value.
class JsonDocument {
 public:
  // kBadRequest if `text` is not JSON as described above. `text` is not needed afterwards.
  static Status Parse(std::string_view text, JsonDocument* document);

  // Only after a successful Parse.
  JsonValue root() const { return JsonValue(nodes_.data()); }

 private:
  friend class JsonReader;

  std::vector<JsonValue::Node> nodes_;
  std::unique_ptr<char[]> characters_;  // What the nodes' texts point into.
};

// Writes one JSON text. The caller keeps the grammar: a Key before each value in an object, Begin and End in pairs.
// Strings are UTF-8 already.
class JsonWriter {
 public:
  JsonWriter();

  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view name);  // `name` is the program's own: nothing in it needs an escape.
  JsonWriter& String(std::string_view value);
  JsonWriter& Int(int64_t value);
  JsonWriter& Null();

  // How much has been written so far.
  size_t size() const { return text_.size(); }

  // Removes what was written since size() was `size`. That must be the end of a value.
  void CutBack(size_t size) { text_.resize(size); }

  // The text. Nothing can be written afterwards.
  std::string Take() { return std::move(text_); }

 private:
  JsonWriter& Begin(char bracket);
  JsonWriter& End(char bracket);
  void Separate();

  std::string text_;
  bool needs_comma_ = false;  // Before the next value or name.
};

}  // namespace shop

#endif  // WORKERS_COMMON_JSON_H_
