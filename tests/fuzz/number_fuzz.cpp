// Money and order ids: exactly what the API allows is accepted, and it is shown again as the same number.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/fuzz/property.h"
#include "workers/common/money.h"
#include "workers/orders/order.h"

namespace shop {
namespace {

bool AreDigits(std::string_view text, size_t min, size_t max) {
  return text.size() >= min && text.size() <= max && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string WithoutLeadingZeros(std::string_view digits) {
  return std::string(digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1)));
}

// How the API shows the amount `text`; empty if it is not an amount: [0-9]{1,16}(\.[0-9]{1,2})?
std::string ShownAmount(std::string_view text) {
  const size_t point = text.find('.');
  const std::string_view integer = text.substr(0, point);
  const std::string_view decimals = point == std::string_view::npos ? "00" : text.substr(point + 1);
  if (!AreDigits(integer, 1, 16) || !AreDigits(decimals, 1, 2)) return "";
  return WithoutLeadingZeros(integer) + "." + std::string(decimals) + (decimals.size() == 1 ? "0" : "");
}

void CheckMoney(std::string_view text) {
  const std::string shown = ShownAmount(text);
  const std::optional<Money> money = Money::Parse(text);
  Require(money.has_value() == !shown.empty(), "Money::Parse takes amounts and nothing else");
  Require(Money::ParseNumeric(text) == money || text.starts_with('-'), "a numeric without a sign is an amount");
  if (!money) return;
  Require(money->ToString() == shown, "Money::ToString shows the amount");
  Require(Money::Parse(shown) == money, "what is shown is read as the same amount");
  const std::optional<Money> negative = Money::ParseNumeric("-" + std::string(text));
  const bool is_zero = shown == "0.00";
  Require(negative && negative->ToString() == (is_zero ? "" : "-") + shown,
          "a negative numeric is shown with its sign");
}

// From 1 to 2^63 - 1. Of two numbers with equally many digits the greater one comes later in byte order.
bool IsOrderId(std::string_view text) {
  constexpr std::string_view kLast = "9223372036854775807";
  return AreDigits(text, 1, kLast.size()) && text[0] != '0' && (text.size() < kLast.size() || text <= kLast);
}

void CheckOrderId(std::string_view text) {
  const std::optional<int64_t> id = ParseOrderId(text);
  Require(id.has_value() == IsOrderId(text), "ParseOrderId takes ids and nothing else");
  Require(!id || std::to_string(*id) == text, "an id has one form");
}

}  // namespace
}  // namespace shop

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  shop::CheckMoney(text);
  shop::CheckOrderId(text);
  return 0;
}
