#include "workers/common/paging.h"

#include <optional>

#include "workers/common/integer.h"
#include "workers/common/uri.h"

namespace shop {
namespace {

constexpr size_t kDefaultLimit = 100;
constexpr size_t kMaxLimit = 1000;

}  // namespace

Status ParseLimit(std::string_view query, size_t* limit) {
  std::optional<std::string> text;
  if (Status status = QueryParameter(query, "limit", &text); !status.ok()) return status;
  const std::optional<size_t> number = text ? ParseCanonicalInteger<size_t>(*text) : kDefaultLimit;
  if (!number || *number < 1 || *number > kMaxLimit) {
    return Status::BadRequest("The parameter limit must be an integer from 1 to 1000.");
  }
  *limit = *number;
  return Status::Ok();
}

void AddNextLink(const std::string& target, HttpResponse* response) {
  response->headers.emplace_back("Link", "<" + target + ">; rel=\"next\"");
}

}  // namespace shop
