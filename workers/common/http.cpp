#include "workers/common/http.h"

namespace shop {

std::optional<std::string> HttpRequest::Header(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [header, value] : headers) {
    if (header != name) continue;
    if (found) {
      found->append(", ").append(value);
    } else {
      found = value;
    }
  }
  return found;
}

const char* ReasonPhrase(int status) {
  switch (status) {
    case 200: return "OK";
    case 204: return "No Content";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 422: return "Unprocessable Content";
    case 500: return "Internal Server Error";
    case 503: return "Service Unavailable";
    default: return "";
  }
}

}  // namespace shop
