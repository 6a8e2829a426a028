#include "workers/common/error_response.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "workers/common/json.h"

namespace shop {
namespace {

struct ErrorWords {
  std::string_view key;
  std::string_view code;
  std::string_view message;  // Used where the Status has none.
};

// nginx/errors.map.
constexpr ErrorWords kErrors[] = {
#include "workers/common/errors.inc"
};

struct ErrorKind {
  int http_status;
  ErrorWords words;
};

// A missing key is a compile error.
consteval ErrorWords Words(std::string_view key) {
  return *std::find_if(std::begin(kErrors), std::end(kErrors),
                       [&](const ErrorWords& words) { return words.key == key; });
}

// No default, so that the compiler finds a missing case.
ErrorKind KindOf(StatusCode code) {
  switch (code) {
    case StatusCode::kBadRequest: return {400, Words("400")};
    case StatusCode::kValidationError: return {400, Words("400-fields")};
    case StatusCode::kNotFound: return {404, Words("404")};
    case StatusCode::kMethodNotAllowed: return {405, Words("405")};
    case StatusCode::kConflict: return {409, Words("409")};
    case StatusCode::kPayloadTooLarge: return {413, Words("413")};
    case StatusCode::kUnprocessable: return {422, Words("422")};
    case StatusCode::kUnavailable:
    case StatusCode::kLocked: return {503, Words("503")};
    case StatusCode::kUnknownOutcome: return {503, Words("503-interrupted")};
    case StatusCode::kOk:
    case StatusCode::kAlreadyExists:
    case StatusCode::kUnexpected: break;
  }
  return {500, Words("default")};
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
  const auto [http_status, words] = KindOf(status.code());
  JsonWriter json;
  json.BeginObject();
  json.Key("error").String(status.reason().empty() ? words.code : status.reason());
  json.Key("message").String(status.message().empty() || http_status == 500 ? words.message : status.message());
  if (!status.fields().empty()) WriteFields(status.fields(), &json);
  json.EndObject();

  HttpResponse response{http_status, {}, json.Take()};
  if (!status.allow().empty()) response.headers.emplace_back("Allow", status.allow());
  return response;
}

}  // namespace shop
