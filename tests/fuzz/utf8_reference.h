// Reads UTF-8 in another way than workers/common/utf8.cpp: decodes first, checks afterwards.

#ifndef TESTS_FUZZ_UTF8_REFERENCE_H_
#define TESTS_FUZZ_UTF8_REFERENCE_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Cuts the first code point off `text` and returns it; nothing if `text` does not begin with one. RFC 3629, section 3.
inline std::optional<char32_t> TakeCodePoint(std::string_view* text) {
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};  // The smallest code point that needs so many bytes.
  if (text->empty()) return std::nullopt;
  const auto lead = static_cast<uint8_t>(text->front());
  const auto ones = static_cast<size_t>(std::countl_one(lead));
  const size_t length = ones == 0 ? 1 : ones;
  if (ones == 1 || ones > 4 || text->size() < length) return std::nullopt;
  char32_t code_point = lead & (0xFF >> (ones + 1));
  for (size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<uint8_t>((*text)[i]);
    if (byte >> 6 != 0b10) return std::nullopt;
    code_point = code_point << 6 | (byte & 0x3F);
  }
  if (length > 1 && code_point < kSmallest[length]) return std::nullopt;
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) return std::nullopt;
  text->remove_prefix(length);
  return code_point;
}

// All code points of `text`; nothing if it is not UTF-8.
inline std::optional<std::u32string> CodePoints(std::string_view text) {
  std::u32string code_points;
  while (!text.empty()) {
    const std::optional<char32_t> code_point = TakeCodePoint(&text);
    if (!code_point) return std::nullopt;
    code_points.push_back(*code_point);
  }
  return code_points;
}

#endif  // TESTS_FUZZ_UTF8_REFERENCE_H_
