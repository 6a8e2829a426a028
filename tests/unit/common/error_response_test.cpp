#include "workers/common/error_response.h"

#include <string>

#include "tests/support/checks.h"
#include "workers/common/json.h"

namespace shop {
namespace {

std::string Member(const HttpResponse& response, const char* name) {
  JsonDocument document;
  if (!JsonDocument::Parse(response.body, &document).ok()) return "(not JSON)";
  const std::optional<JsonValue> value = document.root().Find(name);
  return value ? std::string(value->text()) : "(absent)";
}

std::string Header(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "(absent)";
}

}  // namespace

TEST_GROUP(ErrorResponse){};

TEST(ErrorResponse, EachCodeHasItsHttpStatusAndErrorCode) {
  const struct {
    Status status;
    int http_status;
    const char* error;
  } kCases[] = {
      {Status::BadRequest(""), 400, "BAD_REQUEST"},
      {Status::ValidationError({}), 400, "VALIDATION_ERROR"},
      {Status::NotFound("", ""), 404, "NOT_FOUND"},
      {Status::MethodNotAllowed("GET"), 405, "METHOD_NOT_ALLOWED"},
      {Status::Conflict("", ""), 409, "CONFLICT"},
      {Status::PayloadTooLarge(), 413, "PAYLOAD_TOO_LARGE"},
      {Status::Unprocessable("", ""), 422, "UNPROCESSABLE_CONTENT"},
      {Status::Unavailable(""), 503, "SERVICE_UNAVAILABLE"},
      {Status::UnknownOutcome(""), 503, "SERVICE_UNAVAILABLE"},
      {Status::AlreadyExists(""), 500, "UNEXPECTED_ERROR"},
      {Status::Unexpected(""), 500, "UNEXPECTED_ERROR"},
      {Status::Ok(), 500, "UNEXPECTED_ERROR"},
  };
  for (const auto& [status, http_status, error] : kCases) {
    const HttpResponse response = ErrorResponse(status);
    CHECK_EQUAL_TEXT(http_status, response.status, error);
    CHECK_EQUAL(std::string(error), Member(response, "error"));
    CHECK_TEXT(Member(response, "message").size() > 5, error);
    CHECK_TEXT(ReasonPhrase(http_status)[0] != '\0', error);
  }
}

TEST(ErrorResponse, ReasonAndMessageOfTheStatusGoFirst) {
  for (const Status& status :
       {Status::NotFound("SOME_REASON", "A sentence."), Status::Conflict("SOME_REASON", "A sentence."),
        Status::Unprocessable("SOME_REASON", "A sentence.")}) {
    const HttpResponse response = ErrorResponse(status);
    CHECK_EQUAL(std::string("SOME_REASON"), Member(response, "error"));
    CHECK_EQUAL(std::string("A sentence."), Member(response, "message"));
  }
}

TEST(ErrorResponse, NothingFromInsideIsShown) {
  for (const Status& status : {Status::Unavailable("secret"), Status::UnknownOutcome("secret"),
                               Status::Unexpected("secret"), Status::AlreadyExists("secret")}) {
    const HttpResponse response = ErrorResponse(status);
    CHECK_TEXT(response.body.find("secret") == std::string::npos, response.body.c_str());
    for (const auto& [name, value] : response.headers) CHECK(value.find("secret") == std::string::npos);
  }
}

TEST(ErrorResponse, A500SaysNoSentenceOfItsOwn) {
  Status status = Status::Unexpected("");
  status.set_message("secret");
  CHECK_TEXT(ErrorResponse(status).body.find("secret") == std::string::npos, "message shown");
}

TEST(ErrorResponse, A503SaysWhetherSomethingMayHaveBeenWritten) {
  CHECK(Member(ErrorResponse(Status::Unavailable("")), "message").find("Nothing was changed") != std::string::npos);
  CHECK(Member(ErrorResponse(Status::Locked("")), "message").find("Nothing was changed") != std::string::npos);
  CHECK(Member(ErrorResponse(Status::UnknownOutcome("")), "message").find("may or may not") != std::string::npos);
  Status status = Status::UnknownOutcome("");
  status.set_message("A sentence.");
  CHECK_EQUAL(std::string("A sentence."), Member(ErrorResponse(status), "message"));
}

TEST(ErrorResponse, AllowComesWith405Alone) {
  CHECK_EQUAL(std::string("GET, HEAD"), Header(ErrorResponse(Status::MethodNotAllowed("GET, HEAD")), "Allow"));
  CHECK_EQUAL(std::string("(absent)"), Header(ErrorResponse(Status::NotFound("", "")), "Allow"));
}

TEST(ErrorResponse, FieldsAreGroupedByPathInTheirOrder) {
  const HttpResponse response =
      ErrorResponse(Status::ValidationError({{"title", "One."}, {"title", "Two."}, {"a.0.b", "Three."}}));
  CHECK_EQUAL(std::string("{\"error\":\"VALIDATION_ERROR\",\"message\":\"The request has invalid fields.\","
                          "\"fields\":{\"title\":[\"One.\",\"Two.\"],\"a.0.b\":[\"Three.\"]}}"),
              response.body);
}

TEST(ErrorResponse, FieldsAreAbsentWhereThereAreNone) {
  CHECK_EQUAL(std::string("(absent)"), Member(ErrorResponse(Status::BadRequest("Wrong.")), "fields"));
}

}  // namespace shop
