#include "workers/common/uri.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "workers/common/utf8.h"

namespace shop {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::optional<std::string> DecodeQueryText(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  std::optional<std::string> decoded = PercentDecode(spaced);
  if (decoded && !IsUtf8(*decoded)) decoded.reset();
  return decoded;
}

}  // namespace

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    unsigned char byte = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
    if (digits.size() < 2 || error != std::errc() || end != digits.data() + 2) return std::nullopt;
    decoded.push_back(static_cast<char>(byte));
    i += 2;
  }
  return decoded;
}

std::string PercentEncode(std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded.push_back('%');
      encoded.push_back(kHexDigits[byte >> 4]);
      encoded.push_back(kHexDigits[byte & 0xF]);
    }
  }
  return encoded;
}

Status QueryParameter(std::string_view query, std::string_view name, std::optional<std::string>* value) {
  value->reset();
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const size_t equals = std::min(pair.find('='), pair.size());
    if (DecodeQueryText(pair.substr(0, equals)) != name) continue;
    if (value->has_value()) return Status::BadRequest("The parameter " + std::string(name) + " is given twice.");
    *value = DecodeQueryText(pair.substr(std::min(equals + 1, pair.size())));
    if (!value->has_value()) {
      return Status::BadRequest("The parameter " + std::string(name) + " is not percent-encoded UTF-8.");
    }
    if ((*value)->empty()) return Status::BadRequest("The parameter " + std::string(name) + " is empty.");
  }
  return Status::Ok();
}

}  // namespace shop
