#ifndef WORKERS_COMMON_ROUTER_H_
#define WORKERS_COMMON_ROUTER_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "workers/common/http.h"
#include "workers/common/logger.h"
#include "workers/common/status.h"

namespace shop {

// Answers one request. `id` is the last segment of an item's path, percent-decoded, any bytes; it is empty for a
// collection. Fills `response` and returns ok, or returns the error that becomes the answer.
using Handler = std::function<Status(const HttpRequest& request, const std::string& id, HttpResponse* response)>;

struct Method {
  std::string_view name;
  Handler handler;
};

// What one path serves. GET serves HEAD, too.
struct Resource {
  std::string_view path;  // "/orders", which matches "/orders/", too; for its items "/orders/{id}".
  std::vector<Method> methods;
  // For items: whether `id` can be the id of one. If not, the path does not exist. Absent: every id can.
  std::function<bool(std::string_view id)> accepts = nullptr;
};

// Finds the handler of a request and turns a Status into an answer.
class Router {
 public:
  // `logger` must outlive the router. `clean_up` is called after a handler has thrown. It must end what the handler
  // left half done, such as an exchange with a store: nothing of it may reach the next request.
  Router(
      std::vector<Resource> resources, const Logger* logger, std::function<void()> clean_up = [] {});

  // Every failure becomes an answer. What clients are not told (5xx) is logged here, once. Throws only if that itself,
  // or `clean_up`, throws.
  HttpResponse Handle(const HttpRequest& request) const;

 private:
  Status Dispatch(const HttpRequest& request, HttpResponse* response) const;
  void LogAnswer(const HttpRequest& request, int answered, const Status& status) const;

  std::vector<Resource> resources_;
  const Logger* logger_;
  std::function<void()> clean_up_;
};

}  // namespace shop

#endif  // WORKERS_COMMON_ROUTER_H_
