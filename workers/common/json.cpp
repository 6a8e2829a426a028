#include "workers/common/json.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

#include "workers/common/utf8.h"

namespace shop {
namespace {

constexpr size_t kMaxDepth = 32;

}  // namespace

// Takes RapidJSON's events and lays them down as nodes.
class JsonReader {
 public:
  JsonReader(size_t text_size, JsonDocument* document) : document_(document) {
    // No string is longer decoded than written, so the views into this buffer never move.
    document_->characters_ = std::make_unique_for_overwrite<char[]>(text_size);
    document_->nodes_.clear();
    free_ = document_->characters_.get();
  }

  bool Null() { return Add(JsonType::kNull, {}); }
  bool Bool(bool) { return Add(JsonType::kBool, {}); }
  bool RawNumber(const char* text, size_t size, bool) { return Add(JsonType::kNumber, Keep({text, size})); }
  bool String(const char* text, size_t size, bool) {
    // RapidJSON lets bytes through as they are, and "\udc00" as an encoded surrogate.
    if (!IsUtf8({text, size})) return false;
    return Add(JsonType::kString, Keep({text, size}));
  }
  bool Key(const char* text, size_t size, bool copy) { return String(text, size, copy); }
  bool StartObject() { return Open(JsonType::kObject); }
  bool EndObject(size_t) { return Close(); }
  bool StartArray() { return Open(JsonType::kArray); }
  bool EndArray(size_t) { return Close(); }

  // Never called: kParseNumbersAsStringsFlag turns every number into a RawNumber.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(int64_t) { return false; }
  bool Uint64(uint64_t) { return false; }
  bool Double(double) { return false; }

 private:
  bool Add(JsonType type, std::string_view text) {
    document_->nodes_.push_back({type, 1, text});
    return true;
  }

  bool Open(JsonType type) {
    if (open_.size() == kMaxDepth) return false;
    open_.push_back(document_->nodes_.size());
    return Add(type, {});
  }

  bool Close() {
    document_->nodes_[open_.back()].span = static_cast<uint32_t>(document_->nodes_.size() - open_.back());
    open_.pop_back();
    return true;
  }

  std::string_view Keep(std::string_view text) {
    char* begin = free_;
    free_ = std::copy(text.begin(), text.end(), begin);
    return {begin, text.size()};
  }

  JsonDocument* document_;
  char* free_;
  std::vector<size_t> open_;  // Where the arrays and objects around the current value begin.
};

namespace {

struct ParseEnd {
  rapidjson::ParseErrorCode error;
  size_t offset;
};

ParseEnd ParseText(std::string_view text, JsonDocument* document) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader parser;
  JsonReader reader(text.size(), document);
  const rapidjson::ParseResult result =
      parser.Parse<rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseStopWhenDoneFlag>(stream, reader);
  return {result.Code(), result.IsError() ? result.Offset() : stream.Tell()};
}

// RapidJSON refuses a number that no double can hold, RFC 8259 does not. No field of the shop takes one either, but it
// has to say so field by field. Here such a number loses digits: those of its exponent but the first, of any other run
// of digits those after the fortieth. What was a number stays one, in the same form, and what was none stays none.
std::string CutLongNumbers(std::string_view text) {
  constexpr size_t kKeptDigits = 40;
  std::string cut;
  cut.reserve(text.size());
  bool in_string = false;
  bool in_exponent = false;
  size_t digits = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      in_string = c != '"';
      if (c == '\\' && i + 1 < text.size()) cut.push_back(text[i++]);
    } else if (c >= '0' && c <= '9') {
      if (++digits > (in_exponent ? 1 : kKeptDigits)) continue;
    } else {
      digits = 0;
      in_string = c == '"';
      in_exponent = c == 'e' || c == 'E' || (in_exponent && (c == '+' || c == '-'));
    }
    cut.push_back(text[i]);
  }
  return cut;
}

Status ToStatus(const ParseEnd& end, std::string_view text) {
  if (end.error == rapidjson::kParseErrorTermination) {
    return Status::BadRequest("The body is not JSON: invalid UTF-8, or more than 32 levels deep.");
  }
  if (end.error != rapidjson::kParseErrorNone) {
    return Status::BadRequest("The body is not JSON: " + std::string(rapidjson::GetParseError_En(end.error)) +
                              " (at byte " + std::to_string(end.offset) + ")");
  }
  // RapidJSON takes a NUL for the end of the text; RFC 8259 does not.
  if (text.find_first_not_of(" \t\r\n", end.offset) != std::string_view::npos) {
    return Status::BadRequest("The body is not JSON: something follows the document.");
  }
  return Status::Ok();
}

}  // namespace

std::optional<JsonValue> JsonValue::Find(std::string_view name) const {
  std::optional<JsonValue> found;
  if (type() != JsonType::kObject) return found;
  const Node* end = node_ + node_->span;
  for (const Node* key = node_ + 1; key < end; key += 1 + key[1].span) {
    if (key->text == name) found = JsonValue(key + 1);
  }
  return found;
}

std::vector<JsonValue> JsonValue::Elements() const {
  std::vector<JsonValue> elements;
  if (type() != JsonType::kArray) return elements;
  const Node* end = node_ + node_->span;
  for (const Node* element = node_ + 1; element < end; element += element->span) {
    elements.push_back(JsonValue(element));
  }
  return elements;
}

Status JsonDocument::Parse(std::string_view text, JsonDocument* document) {
  const ParseEnd end = ParseText(text, document);
  if (end.error == rapidjson::kParseErrorNumberTooBig) {
    const std::string readable = CutLongNumbers(text);
    return ToStatus(ParseText(readable, document), readable);
  }
  return ToStatus(end, text);
}

struct JsonWriter::Impl {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
};

JsonWriter::JsonWriter() : impl_(std::make_unique<Impl>()) {}
JsonWriter::~JsonWriter() = default;

JsonWriter& JsonWriter::BeginObject() {
  impl_->writer.StartObject();
  return *this;
}

JsonWriter& JsonWriter::EndObject() {
  impl_->writer.EndObject();
  return *this;
}

JsonWriter& JsonWriter::BeginArray() {
  impl_->writer.StartArray();
  return *this;
}

JsonWriter& JsonWriter::EndArray() {
  impl_->writer.EndArray();
  return *this;
}

JsonWriter& JsonWriter::Key(std::string_view name) {
  impl_->writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  impl_->writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t value) {
  impl_->writer.Int64(value);
  return *this;
}

JsonWriter& JsonWriter::Null() {
  impl_->writer.Null();
  return *this;
}

std::string JsonWriter::Take() const {
  return {impl_->buffer.GetString(), impl_->buffer.GetSize()};
}

}  // namespace shop
