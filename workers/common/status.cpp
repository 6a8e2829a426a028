#include "workers/common/status.h"

namespace shop {

Status Status::ValidationError(std::vector<FieldError> fields) {
  Status status(StatusCode::kValidationError, "", "");
  status.fields_ = std::move(fields);
  return status;
}

Status Status::MethodNotAllowed(std::string allow) {
  Status status(StatusCode::kMethodNotAllowed, "", "");
  status.allow_ = std::move(allow);
  return status;
}

Status Status::ReadOnly(std::string detail) {
  Status status = Unavailable(std::move(detail));
  status.is_read_only_ = true;
  return status;
}

Status Status::WithDetail(StatusCode code, std::string detail) {
  Status status(code, "", "");
  status.detail_ = std::move(detail);
  return status;
}

}  // namespace shop
