#include "workers/common/json.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <array>

#include "workers/common/integer.h"
#include "workers/common/utf8.h"

namespace shop {
namespace {

constexpr size_t kMaxDepth = 32;

}  // namespace

// Turns RapidJSON's events into nodes.
class JsonReader {
 public:
  JsonReader(size_t text_size, JsonDocument* document) : document_(document) {
    // A decoded string is never longer than its text: this buffer suffices, and the views into it never move.
    document_->characters_ = std::make_unique_for_overwrite<char[]>(text_size);
    document_->nodes_.clear();
    document_->nodes_.reserve(32);  // Most bodies fit.
    free_ = document_->characters_.get();
  }

  bool Null() { return Add(JsonType::kNull, {}); }
  bool Bool(bool) { return Add(JsonType::kBool, {}); }
  bool RawNumber(const char* text, size_t size, bool) { return Add(JsonType::kNumber, Keep({text, size})); }
  bool String(const char* text, size_t size, bool) {
    // RapidJSON does not check bytes, and decodes "\udc00" to an encoded surrogate.
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
    if (depth_ == kMaxDepth) return false;
    open_[depth_++] = document_->nodes_.size();
    return Add(type, {});
  }

  bool Close() {
    const size_t begin = open_[--depth_];
    document_->nodes_[begin].span = static_cast<uint32_t>(document_->nodes_.size() - begin);
    return true;
  }

  std::string_view Keep(std::string_view text) {
    char* begin = free_;
    free_ = std::copy(text.begin(), text.end(), begin);
    return {begin, text.size()};
  }

  JsonDocument* document_;
  char* free_;
  size_t depth_ = 0;  // How many arrays and objects are around the current value, and where they begin.
  std::array<size_t, kMaxDepth> open_{};
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

// RapidJSON refuses a number that no double can hold; RFC 8259 does not. No field of the shop takes such a number
// either, but the answer must say so for each field. So this cuts long numbers: an exponent keeps its first digit, any
// other run of digits its first forty. A number stays a number, in the same form, and anything else stays invalid.
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

// What follows the backslash in place of a byte: 'u' and its code, or a letter of its own; 0 if the byte needs no
// escape. RFC 8259, section 7.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> escapes{};
  std::fill_n(escapes.begin(), 0x20, 'u');
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}();

void AppendEscaped(uint8_t byte, std::string* text) {
  constexpr char kHexDigits[] = "0123456789ABCDEF";
  text->append({'\\', kEscapes[byte]});
  if (kEscapes[byte] == 'u') text->append({'0', '0', kHexDigits[byte >> 4], kHexDigits[byte & 0xF]});
}

// Most strings have nothing to escape and are copied in one piece.
void AppendQuoted(std::string_view value, std::string* text) {
  text->push_back('"');
  size_t copied = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    const auto byte = static_cast<uint8_t>(value[i]);
    if (kEscapes[byte] == 0) continue;
    text->append(value, copied, i - copied);
    AppendEscaped(byte, text);
    copied = i + 1;
  }
  text->append(value, copied);
  text->push_back('"');
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

JsonWriter::JsonWriter() {
  text_.reserve(256);  // Most answers fit.
}

JsonWriter& JsonWriter::BeginObject() {
  return Begin('{');
}

JsonWriter& JsonWriter::EndObject() {
  return End('}');
}

JsonWriter& JsonWriter::BeginArray() {
  return Begin('[');
}

JsonWriter& JsonWriter::EndArray() {
  return End(']');
}

JsonWriter& JsonWriter::Key(std::string_view name) {
  text_.append(needs_comma_ ? ",\"" : "\"").append(name).append("\":");
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::String(std::string_view value) {
  Separate();
  AppendQuoted(value, &text_);
  return *this;
}

JsonWriter& JsonWriter::Int(int64_t value) {
  Separate();
  AppendInteger(value, &text_);
  return *this;
}

JsonWriter& JsonWriter::Null() {
  Separate();
  text_.append("null");
  return *this;
}

JsonWriter& JsonWriter::Begin(char bracket) {
  Separate();
  text_.push_back(bracket);
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::End(char bracket) {
  text_.push_back(bracket);
  needs_comma_ = true;
  return *this;
}

void JsonWriter::Separate() {
  if (needs_comma_) text_.push_back(',');
  needs_comma_ = true;
}

}  // namespace shop
