#include "workers/common/log_fields.h"

#include <algorithm>
#include <string_view>

#include "workers/common/utf8.h"

namespace shop {
namespace {

const char* KindOf(const Status& status) {
  if (status.is_read_only()) return "read_only";
  switch (status.code()) {
    case StatusCode::kUnavailable: return "unavailable";
    case StatusCode::kLocked: return "locked";
    case StatusCode::kUnknownOutcome: return "unknown_outcome";
    default: return "unexpected";
  }
}

// The detail of a store's failure begins with the store, as in "redis: no answer"; the step that failed may come before
// it. Empty if it is of no store.
std::string_view StoreOf(std::string_view detail) {
  for (const std::string_view step : {"", "reserve: ", "record: "}) {
    if (!detail.starts_with(step)) continue;
    const std::string_view rest = detail.substr(step.size());
    const std::string_view first = rest.substr(0, std::min(rest.find(": "), rest.size()));
    if (first == "redis" || first == "postgres") return first;
  }
  return {};
}

}  // namespace

void WriteRequestFields(const HttpRequest& request, int answered, JsonWriter* json) {
  json->Key("method").String(ToUtf8(request.method)).Key("path").String(ToUtf8(request.path));
  json->Key("status").Int(answered);
}

void WriteFailureFields(const Status& status, JsonWriter* json) {
  if (status.detail().empty()) return;
  json->Key("kind").String(KindOf(status));
  const std::string_view store = StoreOf(status.detail());
  if (!store.empty()) json->Key("store").String(store);
}

}  // namespace shop
