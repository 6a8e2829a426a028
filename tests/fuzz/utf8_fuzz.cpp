// UTF-8 is checked, repaired and counted as RFC 3629 defines it.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/property.h"
#include "tests/fuzz/utf8_reference.h"
#include "workers/common/utf8.h"

namespace shop {
namespace {

bool IsControl(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F);
}

// Each byte that begins no code point becomes one U+FFFD.
std::u32string Repaired(std::string_view text) {
  std::u32string repaired;
  while (!text.empty()) {
    const std::optional<char32_t> code_point = TakeCodePoint(&text);
    if (!code_point) text.remove_prefix(1);
    repaired.push_back(code_point.value_or(0xFFFD));
  }
  return repaired;
}

void CheckUtf8(std::string_view text) {
  const std::optional<std::u32string> code_points = CodePoints(text);
  Require(IsUtf8(text) == code_points.has_value(), "IsUtf8 takes what the reference takes");
  Require(CodePoints(ToUtf8(text)) == Repaired(text), "ToUtf8 replaces what is no code point, and nothing else");
  if (!code_points) return;
  Require(Utf8Length(text) == code_points->size(), "Utf8Length counts code points");
  Require(HasControlCharacter(text) == std::any_of(code_points->begin(), code_points->end(), IsControl),
          "HasControlCharacter finds C0, DEL and C1");
}

}  // namespace
}  // namespace shop

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  shop::CheckUtf8({reinterpret_cast<const char*>(data), size});
  return 0;
}
