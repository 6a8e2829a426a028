#include "workers/common/money.h"

#include <algorithm>

#include "workers/common/integer.h"

namespace shop {
namespace {

constexpr size_t kMaxIntegerDigits = 16;  // numeric(18,2) has no more, and 10^18 hundredths fit in 63 bits.
constexpr size_t kMaxDecimals = 2;

bool AreDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<Money> Money::Parse(std::string_view text) {
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view integer = text.substr(0, point);
  if (integer.empty() || integer.size() > kMaxIntegerDigits || !AreDigits(integer)) return std::nullopt;
  const std::string_view decimals = text.substr(std::min(point + 1, text.size()));
  if (decimals.empty() != (point == text.size())) return std::nullopt;
  if (decimals.size() > kMaxDecimals || !AreDigits(decimals)) return std::nullopt;

  int64_t hundredths = 0;
  for (const char digit : integer) hundredths = hundredths * 10 + (digit - '0');
  for (size_t i = 0; i < kMaxDecimals; ++i) {
    hundredths = hundredths * 10 + (i < decimals.size() ? decimals[i] - '0' : 0);
  }
  return Money(hundredths);
}

std::optional<Money> Money::ParseNumeric(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::optional<Money> money = Parse(text.substr(negative ? 1 : 0));
  if (money && negative) money->hundredths_ = -money->hundredths_;
  return money;
}

std::string Money::ToString() const {
  const int64_t absolute = hundredths_ < 0 ? -hundredths_ : hundredths_;
  const auto decimals = static_cast<char>(absolute % 100);
  std::string text(hundredths_ < 0 ? "-" : "");
  AppendInteger(absolute / 100, &text);
  text.push_back('.');
  text.push_back(static_cast<char>('0' + decimals / 10));
  text.push_back(static_cast<char>('0' + decimals % 10));
  return text;
}

}  // namespace shop
