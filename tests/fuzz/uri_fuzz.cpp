// Percent-encoding preserves every byte, and a parameter is found wherever it is in a query and however it is written.

#include <fuzzer/FuzzedDataProvider.h>

#include <cctype>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/fuzz/property.h"
#include "tests/fuzz/utf8_reference.h"
#include "workers/common/uri.h"

namespace shop {
namespace {

// RFC 3986, section 2.1.
std::optional<std::string> Decoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    const std::string digits(text.substr(i + 1, 2));
    if (digits.size() < 2 || !std::isxdigit(static_cast<unsigned char>(digits[0])) ||
        !std::isxdigit(static_cast<unsigned char>(digits[1]))) {
      return std::nullopt;
    }
    decoded.push_back(static_cast<char>(std::stoi(digits, nullptr, 16)));
    i += 2;
  }
  return decoded;
}

void CheckEncoding(const std::string& text) {
  Require(PercentDecode(text) == Decoded(text), "PercentDecode decodes each triplet once");
  const std::string encoded = PercentEncode(text);
  Require(PercentDecode(encoded) == text, "what is encoded is decoded to the same bytes");
  for (const char c : encoded) {
    Require(c == '%' || std::isalnum(static_cast<unsigned char>(c)) ||
                std::string_view("-._~").find(c) != std::string_view::npos,
            "what is encoded is made of unreserved characters");
  }
}

// Checks that `value` is found in a query among other parameters; `others` are any bytes.
void CheckQuery(const std::string& others, const std::string& value) {
  std::optional<std::string> found;
  const Status status = QueryParameter(others, "name", &found);
  Require(!found || !status.ok() || (CodePoints(*found) && !found->empty()), "a value is UTF-8, and not empty");

  const bool is_value = CodePoints(value).has_value() && !value.empty();
  const bool is_alone = status.ok() && !found;
  for (const char* name : {"name=", "n%61me="}) {
    const std::string query = others + "&" + name + PercentEncode(value) + "&x=y";
    std::optional<std::string> again;
    Require(QueryParameter(query, "name", &again).ok() == (is_value && is_alone),
            "a parameter is taken if it is well-formed and stands there once");
    Require(!(is_value && is_alone) || again == value, "a parameter has the value that was written");
  }
}

}  // namespace
}  // namespace shop

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  FuzzedDataProvider input(data, size);
  const std::string value = input.ConsumeRandomLengthString();
  const std::string others = input.ConsumeRemainingBytesAsString();
  shop::CheckEncoding(value);
  shop::CheckEncoding(others);
  shop::CheckQuery(others, value);
  return 0;
}
