// An HTTP request and its answer as the workers see them, free of FastCGI and sockets.

#ifndef WORKERS_COMMON_HTTP_H_
#define WORKERS_COMMON_HTTP_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shop {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;  // Names and values.

struct HttpRequest {
  std::string method;   // As sent: methods are case-sensitive, RFC 9110 section 9.1.
  std::string path;     // Percent-encoded, as sent; without the query.
  std::string query;    // Percent-encoded, as sent; without the '?'.
  HttpHeaders headers;  // Those that nginx passes on. Names in lower case; values as sent, unchecked.
  std::string body;
  std::string client = {};  // The name that goes with the request's API key; empty if the shop asks for no keys.

  // The value of the header `name`, which is in lower case. If the header was sent twice, all values, joined by commas,
  // RFC 9110 section 5.3. Nothing if it was not sent.
  std::optional<std::string> Header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  // Without Content-Type and Content-Length, which the server adds.
  HttpHeaders headers;
  std::string body;             // JSON, or empty.
  std::string written_id = {};  // Of a write: of what it has written. For the router.
};

// The reason phrase of `status`, RFC 9110 section 15; empty if the shop never answers with it.
const char* ReasonPhrase(int status);

}  // namespace shop

#endif  // WORKERS_COMMON_HTTP_H_
