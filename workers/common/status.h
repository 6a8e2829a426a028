// What came of an operation: one value for every layer, from a store's driver to the HTTP answer.
//
// Errors of libraries (SQLSTATE, Redis replies, JSON parse errors) become a Status in the one file that owns the
// library; error_response.h turns a Status into an HTTP answer. Nothing in between invents another kind of error.

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
  kValidationError,   // The request can be read and is wrong; fields() says where.
  kNotFound,          // What the request names does not exist.
  kMethodNotAllowed,  // The path exists, not with this method; allow() says with which.
  kConflict,          // The state of the store forbids it; nothing was changed.
  kPayloadTooLarge,
  kUnprocessable,   // Well-formed, but contradicts an earlier request.
  kAlreadyExists,   // A unique key is taken; message() is the constraint's name. For use cases, never for clients.
  kUnavailable,     // A store cannot be reached or refuses for now. Known: nothing was written.
  kLocked,          // Somebody else is at work on what the operation needs, for too long. Known: nothing was written.
  kUnknownOutcome,  // The store was lost while it worked: what was asked may or may not have been written.
  kUnexpected,      // A defect.
};

// A fault in one field of a request's body, named as in "order_details.0.quantity".
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

  // `reason` is the error code that clients see, in static storage: "PRODUCT_NOT_FOUND".
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

  // `detail` is for the log alone: clients get a fixed sentence.
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

  // The error code for clients, or empty: then the one that belongs to code().
  std::string_view reason() const { return reason_; }

  // A sentence for people that clients may see, or empty: then the one that belongs to code().
  const std::string& message() const { return message_; }
  void set_message(std::string message) { message_ = std::move(message); }

  // Of kUnavailable: whether the store answers, and only takes no writes for now.
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
