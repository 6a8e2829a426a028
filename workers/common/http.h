// An HTTP request and answer as the workers see them; nothing of FastCGI, nothing of sockets.

#ifndef WORKERS_COMMON_HTTP_H_
#define WORKERS_COMMON_HTTP_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace shop {

struct HttpRequest {
  std::string method;      // As sent: methods are case-sensitive, RFC 9110 section 9.1.
  std::string path;        // Percent-encoded, as sent; without the query.
  std::string query;       // Percent-encoded, as sent; without the '?'.
  std::string request_id;  // Ties the log lines of nginx and of the workers together; empty if none came.
  // The header as sent, unchecked; of one that is given twice all values, with commas, RFC 9110 section 5.3.
  std::optional<std::string> idempotency_key;
  std::string body;
};

struct HttpResponse {
  int status = 200;
  // Beside Content-Type and Content-Length, which whoever sends the answer adds.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // JSON, or empty.
};

// The reason phrase of `status`, RFC 9110 section 15; empty if the shop never answers with it.
const char* ReasonPhrase(int status);

}  // namespace shop

#endif  // WORKERS_COMMON_HTTP_H_
