#include "workers/common/log_fields.h"

#include <string>

#include "tests/support/checks.h"

namespace shop {

TEST_GROUP(LogFields){};

static std::string Failure(const Status& status) {
  JsonWriter json;
  json.BeginObject();
  WriteFailureFields(status, &json);
  return json.EndObject().Take();
}

TEST(LogFields, AFailureHasItsKindAndItsStore) {
  CHECK_EQUAL(std::string(R"({"kind":"unavailable","store":"redis"})"),
              Failure(Status::Unavailable("redis: no answer")));
  CHECK_EQUAL(std::string(R"({"kind":"read_only","store":"redis"})"), Failure(Status::ReadOnly("redis: OOM")));
  CHECK_EQUAL(std::string(R"({"kind":"locked","store":"postgres"})"), Failure(Status::Locked("postgres: lock")));
  CHECK_EQUAL(std::string(R"({"kind":"unknown_outcome","store":"postgres"})"),
              Failure(Status::UnknownOutcome("postgres: receive: gone")));
  CHECK_EQUAL(std::string(R"({"kind":"unexpected","store":"postgres"})"), Failure(Status::Unexpected("postgres: odd")));
}

TEST(LogFields, TheStepThatFailedMayComeFirst) {
  CHECK_EQUAL(std::string(R"({"kind":"unavailable","store":"redis"})"),
              Failure(Status::Unavailable("reserve: redis: no answer: postgres: never asked")));
}

TEST(LogFields, AFailureOfNoStoreHasNone) {
  CHECK_EQUAL(std::string(R"({"kind":"unexpected"})"), Failure(Status::Unexpected("std::bad_alloc")));
  CHECK_EQUAL(std::string(R"({"kind":"unexpected"})"), Failure(Status::Unexpected("predis: is none")));
}

TEST(LogFields, WhatIsWrongWithARequestIsNoFailure) {
  CHECK_EQUAL(std::string("{}"), Failure(Status::NotFound("ORDER_NOT_FOUND", "redis: no")));
  CHECK_EQUAL(std::string("{}"), Failure(Status::Ok()));
}

TEST(LogFields, ARequestHasItsPathAndNotItsQuery) {
  HttpRequest request;
  request.method = "GET";
  request.path = "/orders/\xFF";
  request.query = "limit=1";
  request.body = "body";
  JsonWriter json;
  json.BeginObject();
  WriteRequestFields(request, 404, &json);
  CHECK_EQUAL(std::string("{\"method\":\"GET\",\"path\":\"/orders/\xEF\xBF\xBD\",\"status\":404}"),
              json.EndObject().Take());
}

}  // namespace shop
