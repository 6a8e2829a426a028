// An HTTP request and answer as the workers see them; nothing of FastCGI, nothing of sockets.

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
  HttpHeaders headers;  // Those that the web server lets through. Names in lower case, values as sent, unchecked.
  std::string body;

  // The value of the header `name`, in lower case; of one that is given twice all values, with commas, RFC 9110 section
  // 5.3; nothing if there is none.
  std::optional<std::string> Header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  // Beside Content-Type and Content-Length, which whoever sends the answer adds.
  HttpHeaders headers;
  std::string body;  // JSON, or empty.
};

// The reason phrase of `status`, RFC 9110 section 15; empty if the shop never answers with it.
const char* ReasonPhrase(int status);

}  // namespace shop

#endif  // WORKERS_COMMON_HTTP_H_
