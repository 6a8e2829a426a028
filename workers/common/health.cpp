#include "workers/common/health.h"

#include <utility>

#include "workers/common/json.h"

namespace shop {
namespace {

const char* StateOf(const Status& status) {
  if (status.is_read_only()) return "read-only";
  return status.ok() ? "up" : "down";
}

}  // namespace

Resource HealthResource(std::vector<HealthCheck> checks) {
  const auto handle = [checks = std::move(checks)](const HttpRequest&, const std::string&, HttpResponse* response) {
    JsonWriter json;
    json.BeginObject();
    for (const HealthCheck& part : checks) {
      const Status status = part.check();
      if (!status.ok()) response->status = 503;
      json.Key(part.part).String(StateOf(status));
    }
    json.EndObject();
    response->body = json.Take();
    return Status::Ok();
  };
  return {"/health", {{"GET", handle}}};
}

}  // namespace shop
