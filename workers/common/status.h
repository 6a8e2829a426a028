// The outcome of an operation: one type for every layer, from a store's driver to the HTTP answer.
//
// Errors of libraries (SQLSTATE, Redis replies, JSON parse errors) become a Status in the one file that uses the
// library; error_response.h turns a Status into an HTTP answer. No layer in between has another kind of error.

#ifndef WORKERS_COMMON_STATUS_H_
#define WORKERS_COMMON_STATUS_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shop {

enum class StatusCode {
  kOk,
  kBadRequest,        // The request cannot be read: not JSON, a malformed parameter or header.
  kValidationError,   // The request can be read, but is wrong; fields() says where.
  kNotFound,          // What the request names does not exist.
  kMethodNotAllowed,  // The path exists, but not with this method; allow() has its methods.
  kConflict,          // The state of the store forbids it; nothing was changed.
  kPayloadTooLarge,
  kUnprocessable,   // Well-formed, but contradicts an earlier request.
  kAlreadyExists,   // A unique key is taken; message() is the constraint's name. Never reaches clients.
  kUnavailable,     // A store cannot be reached, or refuses for now. Nothing was written.
  kLocked,          // The wait for somebody else's lock took too long. Nothing was written.
  kUnknownOutcome,  // The store was lost while it worked: the write may or may not have happened.
  kUnexpected,      // A defect.
};

// A fault in one field of a request's body. The path is, for example, "order_details.0.quantity".
struct FieldError {
  std::string path;
  std::string message;
};

class [[nodiscard]] Status {
 public:
  Status() = default;

  static Status Ok() { return {}; }
  static Status BadRequest(std::string message) { return {StatusCode::kBadRequest, "", std::move(message)}; }
  static Status ValidationError(std::vector<FieldError> fields);

  // `reason` is the error code that clients see, such as "PRODUCT_NOT_FOUND". It must be in static storage.
  static Status NotFound(std::string_view reason, std::string message) {
    return {StatusCode::kNotFound, reason, std::move(message)};
  }
  static Status Conflict(std::string_view reason, std::string message) {
    return {StatusCode::kConflict, reason, std::move(message)};
  }
  static Status Unprocessable(std::string_view reason, std::string message) {
    return {StatusCode::kUnprocessable, reason, std::move(message)};
  }

  // `allow` is the value of the Allow header, RFC 9110 section 10.2.1.
  static Status MethodNotAllowed(std::string allow);
  static Status PayloadTooLarge() { return {StatusCode::kPayloadTooLarge, "", ""}; }
  static Status AlreadyExists(std::string constraint) {
    return {StatusCode::kAlreadyExists, "", std::move(constraint)};
  }

  // `detail` is only for the log: clients get a fixed sentence.
  static Status Unavailable(std::string detail) { return WithDetail(StatusCode::kUnavailable, std::move(detail)); }
  static Status Locked(std::string detail) { return WithDetail(StatusCode::kLocked, std::move(detail)); }
  static Status ReadOnly(std::string detail);
  static Status UnknownOutcome(std::string detail) {
    return WithDetail(StatusCode::kUnknownOutcome, std::move(detail));
  }
  static Status Unexpected(std::string detail) { return WithDetail(StatusCode::kUnexpected, std::move(detail)); }

  bool ok() const { return code_ == StatusCode::kOk; }
  bool Is(StatusCode code) const { return code_ == code; }
  StatusCode code() const { return code_; }

  // The error code for clients. If it is empty, they get the one of code().
  std::string_view reason() const { return reason_; }

  // A sentence that clients may see. If it is empty, they get the one of code().
  const std::string& message() const { return message_; }
  void set_message(std::string message) { message_ = std::move(message); }

  // For kUnavailable: whether the store answers, and only takes no writes for now.
  bool is_read_only() const { return is_read_only_; }

  // What happened inside, for the log; never shown to clients.
  const std::string& detail() const { return detail_; }

  const std::vector<FieldError>& fields() const { return fields_; }
  const std::string& allow() const { return allow_; }

 private:
  Status(StatusCode code, std::string_view reason, std::string message)
      : code_(code), reason_(reason), message_(std::move(message)) {}
  static Status WithDetail(StatusCode code, std::string detail);

  StatusCode code_ = StatusCode::kOk;
  bool is_read_only_ = false;
  std::string_view reason_;
  std::string message_;
  std::string detail_;
  std::string allow_;
  std::vector<FieldError> fields_;
};

}  // namespace shop

#endif  // WORKERS_COMMON_STATUS_H_
