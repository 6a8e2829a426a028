#include "workers/common/router.h"

#include <exception>
#include <optional>
#include <utility>

#include "workers/common/error_response.h"
#include "workers/common/log_fields.h"
#include "workers/common/uri.h"

namespace shop {
namespace {

constexpr std::string_view kItem = "/{id}";

// The decoded id if `path` belongs to `resource`, empty for a collection; nothing if it does not.
std::optional<std::string> Match(const Resource& resource, std::string_view path) {
  if (!resource.path.ends_with(kItem)) {
    const bool matches =
        path == resource.path || (path.ends_with('/') && path.substr(0, path.size() - 1) == resource.path);
    return matches ? std::optional<std::string>("") : std::nullopt;
  }
  const std::string_view prefix = resource.path.substr(0, resource.path.size() - kItem.size() + 1);
  if (!path.starts_with(prefix)) return std::nullopt;
  const std::string_view segment = path.substr(prefix.size());
  if (segment.empty() || segment.find('/') != std::string_view::npos) return std::nullopt;
  std::optional<std::string> id = PercentDecode(segment);
  if (id && resource.accepts && !resource.accepts(*id)) return std::nullopt;
  return id;
}

const Handler* FindHandler(const Resource& resource, std::string_view method) {
  for (const Method& candidate : resource.methods) {
    if (candidate.name == method || (candidate.name == "GET" && method == "HEAD")) return &candidate.handler;
  }
  return nullptr;
}

std::string AllowedMethods(const Resource& resource) {
  std::string allow;
  for (const Method& method : resource.methods) {
    if (!allow.empty()) allow += ", ";
    allow += method.name;
    if (method.name == "GET") allow += ", HEAD";
  }
  return allow;
}

bool IsRead(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

// Nobody knows how far the handler came.
Status Thrown(const HttpRequest& request, const std::exception& error) {
  return IsRead(request) ? Status::Unexpected(error.what()) : Status::UnknownOutcome(error.what());
}

// What became of a write, for nginx's audit trail (nginx/audit.conf). Empty for a 4xx, which says enough.
std::string WriteOutcome(const Status& status, const std::string& written_id) {
  switch (status.code()) {
    case StatusCode::kOk: return "done " + PercentEncode(written_id);
    case StatusCode::kUnavailable:
    case StatusCode::kLocked: return "none";
    case StatusCode::kUnknownOutcome:
    case StatusCode::kAlreadyExists:
    case StatusCode::kUnexpected: return "unknown " + PercentEncode(written_id);
    default: return "";
  }
}

}  // namespace

Router::Router(std::vector<Resource> resources, const Logger* logger, std::function<void()> clean_up)
    : resources_(std::move(resources)), logger_(logger), clean_up_(std::move(clean_up)) {}

HttpResponse Router::Handle(const HttpRequest& request) const {
  HttpResponse response;
  response.headers.reserve(8);  // Most answers have fewer.
  Status status;
  try {
    status = Dispatch(request, &response);
  } catch (const std::exception& error) {
    clean_up_();
    status = Thrown(request, error);
  }
  const std::string outcome = IsRead(request) ? "" : WriteOutcome(status, response.written_id);
  if (!status.ok()) response = ErrorResponse(status);
  if (!outcome.empty()) response.headers.emplace_back("X-Write", outcome);
  LogAnswer(request, response.status, status);
  return response;
}

void Router::LogAnswer(const HttpRequest& request, int answered, const Status& status) const {
  const LogEvent& event = answered >= 500 ? events::kRequestFailed : events::kRequest;
  if (!logger_->IsEnabled(event.level)) return;
  std::string message = request.method + " " + request.path + " " + std::to_string(answered);
  if (!status.detail().empty()) message += ": " + status.detail();
  logger_->Log(event, message, [&](JsonWriter* json) {
    WriteRequestFields(request, answered, json);
    WriteFailureFields(status, json);
  });
}

Status Router::Dispatch(const HttpRequest& request, HttpResponse* response) const {
  for (const Resource& resource : resources_) {
    const std::optional<std::string> id = Match(resource, request.path);
    if (!id) continue;
    const Handler* handler = FindHandler(resource, request.method);
    if (handler == nullptr) return Status::MethodNotAllowed(AllowedMethods(resource));
    response->written_id = *id;
    return (*handler)(request, *id, response);
  }
  return Status::NotFound("", "");
}

}  // namespace shop
