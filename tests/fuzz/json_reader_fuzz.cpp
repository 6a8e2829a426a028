// JsonDocument reads exactly the JSON of RFC 8259, within the limits of workers/common/json.h.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/fuzz/property.h"
#include "tests/fuzz/utf8_reference.h"
#include "workers/common/json.h"

namespace shop {
namespace {

// The grammar of RFC 8259, section 2, with a function for each rule, which cuts off what it matches.
class Grammar {
 public:
  explicit Grammar(std::string_view text) : rest_(text) {}

  bool IsDocument() { return Value(0) && rest_.empty(); }
  bool IsNumber() { return Number() && rest_.empty(); }

 private:
  static constexpr int kMaxDepth = 32;

  bool Value(int depth) {
    Space();
    const bool is_value = BareValue(depth);
    Space();
    return is_value;
  }

  bool BareValue(int depth) {
    if (At('"')) return String();
    if (At('[')) return Items('[', ']', depth + 1);
    if (At('{')) return Items('{', '}', depth + 1);
    return Take("null") || Take("true") || Take("false") || Number();
  }

  bool Items(char open, char close, int depth) {
    if (depth > kMaxDepth || !Take(open)) return false;
    Space();
    if (Take(close)) return true;
    do {
      if (open == '{' && !Name()) return false;
      if (!Value(depth)) return false;
    } while (Take(','));
    return Take(close);
  }

  bool Name() {
    Space();
    if (!String()) return false;
    Space();
    return Take(':');
  }

  bool Number() {
    Take('-');
    if (!Take('0') && !Digits()) return false;
    if (Take('.') && !Digits()) return false;
    if (!Take('e') && !Take('E')) return true;
    if (!Take('+')) Take('-');
    return Digits();
  }

  bool String() {
    if (!Take('"')) return false;
    while (!Take('"')) {
      if (Take('\\') ? !Escape() : !Character()) return false;
    }
    return true;
  }

  bool Character() {
    const std::optional<char32_t> code_point = TakeCodePoint(&rest_);
    return code_point && *code_point >= 0x20;
  }

  bool Escape() {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    if (!Take('u')) return std::any_of(kLetters.begin(), kLetters.end(), [this](char letter) { return Take(letter); });
    const unsigned long unit = Hex();
    if (unit >= 0xD800 && unit <= 0xDBFF) return Take("\\u") && Hex() >> 10 == 0xDC00 >> 10;
    return unit <= 0xFFFF && unit >> 10 != 0xDC00 >> 10;
  }

  // Four hexadecimal digits; something greater if there are none.
  unsigned long Hex() {
    const std::string digits(rest_.substr(0, 4));
    if (digits.size() < 4 || digits.find_first_not_of("0123456789ABCDEFabcdef") != std::string::npos) return 0x10000;
    rest_.remove_prefix(4);
    return std::stoul(digits, nullptr, 16);
  }

  bool Digits() {
    const size_t count = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    rest_.remove_prefix(count);
    return count > 0;
  }

  void Space() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
  bool At(char c) const { return rest_.starts_with(c); }
  bool Take(char c) { return At(c) && Take(std::string_view(&c, 1)); }
  bool Take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  std::string_view rest_;
};

void CheckValue(const JsonValue& value) {
  if (value.type() == JsonType::kString) Require(CodePoints(value.text()).has_value(), "a string is UTF-8");
  if (value.type() == JsonType::kNumber) Require(Grammar(value.text()).IsNumber(), "a number has the form of one");
  for (const JsonValue& element : value.Elements()) CheckValue(element);
}

void CheckJson(std::string_view text) {
  JsonDocument document;
  const Status status = JsonDocument::Parse(text, &document);
  Require(status.ok() == Grammar(text).IsDocument(), "JSON is read, and nothing else");
  if (status.ok()) CheckValue(document.root());
  Require(status.ok() || status.Is(StatusCode::kBadRequest), "what is not JSON is a bad request");
}

}  // namespace
}  // namespace shop

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  shop::CheckJson({reinterpret_cast<const char*>(data), size});
  return 0;
}
