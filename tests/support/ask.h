#ifndef TESTS_SUPPORT_ASK_H_
#define TESTS_SUPPORT_ASK_H_

#include <string>
#include <string_view>
#include <utility>

#include "workers/common/router.h"

namespace shop {

// Sends a request to `router`. `url` is a path and may have a query.
inline HttpResponse Ask(const Router& router, std::string method, std::string_view url, std::string body = "",
                        HttpHeaders headers = {}, std::string client = "") {
  HttpRequest request;
  request.method = std::move(method);
  request.path = url.substr(0, url.find('?'));
  if (url.find('?') != std::string_view::npos) request.query = url.substr(url.find('?') + 1);
  request.body = std::move(body);
  request.headers = std::move(headers);
  request.client = std::move(client);
  return router.Handle(request);
}

// The value of a header; empty if the answer does not have it.
inline std::string HeaderOf(const HttpResponse& response, std::string_view name) {
  for (const auto& [header, value] : response.headers) {
    if (header == name) return value;
  }
  return "";
}

// The status and, for an error, its code: "200", "404 PRODUCT_NOT_FOUND".
inline std::string Summary(const HttpResponse& response) {
  constexpr std::string_view kError = "{\"error\":\"";
  std::string summary = std::to_string(response.status);
  if (response.body.starts_with(kError)) {
    summary += " " + response.body.substr(kError.size(), response.body.find('"', kError.size()) - kError.size());
  }
  return summary;
}

}  // namespace shop

#endif  // TESTS_SUPPORT_ASK_H_
