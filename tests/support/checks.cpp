#include "tests/support/checks.h"

#include <cstdio>

SimpleString StringFrom(std::string_view text) {
  std::string printable;
  for (const char c : text) {
    if (c >= 0x20 && c < 0x7F) {
      printable.push_back(c);
    } else {
      char escape[5];
      std::snprintf(escape, sizeof escape, "\\x%02X", static_cast<unsigned char>(c));
      printable += escape;
    }
  }
  return printable.c_str();
}

SimpleString StringFrom(shop::StatusCode code) {
  using shop::StatusCode;
  switch (code) {
    case StatusCode::kOk: return "kOk";
    case StatusCode::kBadRequest: return "kBadRequest";
    case StatusCode::kValidationError: return "kValidationError";
    case StatusCode::kNotFound: return "kNotFound";
    case StatusCode::kMethodNotAllowed: return "kMethodNotAllowed";
    case StatusCode::kConflict: return "kConflict";
    case StatusCode::kPayloadTooLarge: return "kPayloadTooLarge";
    case StatusCode::kUnprocessable: return "kUnprocessable";
    case StatusCode::kAlreadyExists: return "kAlreadyExists";
    case StatusCode::kUnavailable: return "kUnavailable";
    case StatusCode::kLocked: return "kLocked";
    case StatusCode::kUnknownOutcome: return "kUnknownOutcome";
    case StatusCode::kUnexpected: return "kUnexpected";
  }
  return "?";
}

void CheckStatus(shop::StatusCode expected, const shop::Status& status, const char* file, size_t line) {
  const std::string text = "message '" + status.message() + "', detail '" + status.detail() + "'";
  CHECK_EQUAL_LOCATION(expected, status.code(), text.c_str(), file, line);
}
