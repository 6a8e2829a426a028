#include "workers/common/status.h"

#include "tests/support/checks.h"

namespace shop {

TEST_GROUP(Status){};

TEST(Status, IsOkByDefault) {
  CHECK(Status().ok());
  CHECK(Status::Ok().ok());
  CHECK(Status().Is(StatusCode::kOk));
}

TEST(Status, EachMakerGivesItsCode) {
  CHECK_STATUS(StatusCode::kBadRequest, Status::BadRequest("m"));
  CHECK_STATUS(StatusCode::kValidationError, Status::ValidationError({}));
  CHECK_STATUS(StatusCode::kNotFound, Status::NotFound("R", "m"));
  CHECK_STATUS(StatusCode::kConflict, Status::Conflict("R", "m"));
  CHECK_STATUS(StatusCode::kUnprocessable, Status::Unprocessable("R", "m"));
  CHECK_STATUS(StatusCode::kMethodNotAllowed, Status::MethodNotAllowed("GET"));
  CHECK_STATUS(StatusCode::kPayloadTooLarge, Status::PayloadTooLarge());
  CHECK_STATUS(StatusCode::kAlreadyExists, Status::AlreadyExists("c"));
  CHECK_STATUS(StatusCode::kUnavailable, Status::Unavailable("d"));
  CHECK_STATUS(StatusCode::kLocked, Status::Locked("d"));
  CHECK_STATUS(StatusCode::kUnknownOutcome, Status::UnknownOutcome("d"));
  CHECK_STATUS(StatusCode::kUnexpected, Status::Unexpected("d"));
}

TEST(Status, WhatWentWrongInsideIsDetailAndNeverMessage) {
  for (const Status& status : {Status::Unavailable("inside"), Status::Locked("inside"),
                               Status::UnknownOutcome("inside"), Status::Unexpected("inside")}) {
    CHECK_EQUAL(std::string("inside"), status.detail());
    CHECK_EQUAL(std::string(), status.message());
  }
}

TEST(Status, KeepsReasonMessageAllowAndFields) {
  const Status not_found = Status::NotFound("ORDER_NOT_FOUND", "Order 1");
  CHECK_EQUAL(std::string_view("ORDER_NOT_FOUND"), not_found.reason());
  CHECK_EQUAL(std::string("Order 1"), not_found.message());
  CHECK_EQUAL(std::string("GET, HEAD"), Status::MethodNotAllowed("GET, HEAD").allow());
  CHECK_EQUAL(std::string("orders_pkey"), Status::AlreadyExists("orders_pkey").message());
  const Status invalid = Status::ValidationError({{"a.0.b", "Wrong."}});
  CHECK_EQUAL(size_t{1}, invalid.fields().size());
  CHECK_EQUAL(std::string("a.0.b"), invalid.fields()[0].path);
  CHECK_EQUAL(std::string("Wrong."), invalid.fields()[0].message);
}

TEST(Status, AUseCaseMaySayMoreThanTheStore) {
  Status status = Status::Unavailable("inside");
  status.set_message("The order was not created.");
  CHECK_EQUAL(std::string("The order was not created."), status.message());
  CHECK_EQUAL(std::string("inside"), status.detail());
}

}  // namespace shop
