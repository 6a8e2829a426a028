#include "workers/common/error_response.h"

#include <string>
#include <string_view>
#include <vector>

#include "workers/common/json.h"

namespace shop {
namespace {

// Seconds. A store that restarts is back within a few; a longer wait would only keep clients away from a healthy shop.
constexpr char kRetryAfter[] = "1";

struct ErrorKind {
  int http_status;
  std::string_view code;
  std::string_view message;  // Used where the Status has none.
};

// No default: the compiler finds the case that is missing.
ErrorKind KindOf(StatusCode code) {
  switch (code) {
    case StatusCode::kBadRequest: return {400, "BAD_REQUEST", "The request cannot be read."};
    case StatusCode::kValidationError: return {400, "VALIDATION_ERROR", "The request has invalid fields."};
    case StatusCode::kNotFound: return {404, "NOT_FOUND", "There is nothing here."};
    case StatusCode::kMethodNotAllowed: return {405, "METHOD_NOT_ALLOWED", "This path does not take that method."};
    case StatusCode::kConflict: return {409, "CONFLICT", "The request conflicts with the stored state."};
    case StatusCode::kPayloadTooLarge: return {413, "PAYLOAD_TOO_LARGE", "The body is larger than 1 MiB."};
    case StatusCode::kUnprocessable: return {422, "UNPROCESSABLE_CONTENT", "The request contradicts an earlier one."};
    case StatusCode::kUnavailable:
    case StatusCode::kLocked:
      return {503, "SERVICE_UNAVAILABLE", "The service is unavailable for the moment. Nothing was changed; try again."};
    case StatusCode::kUnknownOutcome:
      return {503, "SERVICE_UNAVAILABLE",
              "The service was interrupted. The change may or may not have been made; look before you try again."};
    case StatusCode::kOk:
    case StatusCode::kAlreadyExists:
    case StatusCode::kUnexpected: break;
  }
  return {500, "UNEXPECTED_ERROR", "Something went wrong. The log has the details."};
}

// A path may have several faults: {"title": ["first", "second"]}, in the order in which they were found.
void WriteFields(const std::vector<FieldError>& fields, JsonWriter* json) {
  json->Key("fields").BeginObject();
  for (size_t i = 0; i < fields.size();) {
    const std::string& path = fields[i].path;
    json->Key(path).BeginArray();
    for (; i < fields.size() && fields[i].path == path; ++i) json->String(fields[i].message);
    json->EndArray();
  }
  json->EndObject();
}

}  // namespace

HttpResponse ErrorResponse(const Status& status) {
  const ErrorKind kind = KindOf(status.code());
  JsonWriter json;
  json.BeginObject();
  json.Key("error").String(status.reason().empty() ? kind.code : status.reason());
  json.Key("message").String(status.message().empty() || kind.http_status == 500 ? kind.message : status.message());
  if (!status.fields().empty()) WriteFields(status.fields(), &json);
  json.EndObject();

  HttpResponse response{kind.http_status, {}, json.Take()};
  if (!status.allow().empty()) response.headers.emplace_back("Allow", status.allow());
  if (kind.http_status == 503) response.headers.emplace_back("Retry-After", kRetryAfter);
  return response;
}

}  // namespace shop
