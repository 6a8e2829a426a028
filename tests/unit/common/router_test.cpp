#include "workers/common/router.h"

#include <stdexcept>
#include <string>

#include "tests/support/ask.h"
#include "tests/support/checks.h"
#include "tests/support/stderr_capture.h"

namespace shop {
namespace {

// A handler that answers with its name and the id that it got.
Handler Echo(const std::string& name) {
  return [name](const HttpRequest&, const std::string& id, HttpResponse* response) {
    response->body = name + "(" + id + ")";
    return Status::Ok();
  };
}

Handler Fail(const Status& status) {
  return [status](const HttpRequest&, const std::string&, HttpResponse* response) {
    response->body = "half an answer";
    response->headers.emplace_back("X-Half", "1");
    return status;
  };
}

Handler Throw() {
  return [](const HttpRequest&, const std::string&, HttpResponse*) -> Status {
    throw std::runtime_error("thrown in the handler");
  };
}

bool Contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_GROUP(Router) {
  StderrCapture log;
  Logger logger{"test-worker", LogLevel::kWarning};
  Router router{{{"/things", {{"GET", Echo("list")}, {"POST", Echo("create")}}},
                 {"/things/{id}", {{"GET", Echo("get")}, {"DELETE", Echo("delete")}}},
                 {"/numbers/{id}", {{"GET", Echo("number")}}, [](std::string_view id) { return id == "1"; }},
                 {"/write-only", {{"PUT", Echo("put")}}},
                 {"/absent", {{"GET", Fail(Status::NotFound("THING_NOT_FOUND", "No thing."))}}},
                 {"/away", {{"GET", Fail(Status::Unavailable("the store is away"))}}},
                 {"/ill",
                  {{"GET",
                    [](const HttpRequest&, const std::string&, HttpResponse* response) {
                      response->status = 503;
                      return Status::Ok();
                    }}}},
                 {"/throw", {{"GET", Throw()}, {"PUT", Throw()}}}},
                &logger,
                [this] { ++clean_ups; }};
  int clean_ups = 0;

  HttpResponse Ask(const char* method, const char* path) const {
    HttpRequest request;
    request.method = method;
    request.path = path;
    return router.Handle(request);
  }

  // What nginx is told of a write whose handler does this.
  std::string OutcomeOf(const Handler& handler, const char* method = "PUT") const {
    const Router other({{"/things/{id}", {{"PUT", handler}, {"GET", handler}}}}, &logger);
    HttpRequest request;
    request.method = method;
    request.path = "/things/a%20b";
    return HeaderOf(other.Handle(request), "X-Write");
  }

  void CheckAnswer(const char* method, const char* path, int status, const char* body) const {
    const HttpResponse response = Ask(method, path);
    CHECK_EQUAL_TEXT(status, response.status, path);
    CHECK_EQUAL_TEXT(std::string(body), response.body, path);
  }

  void CheckNotFound(const char* path) const {
    const HttpResponse response = Ask("GET", path);
    CHECK_EQUAL_TEXT(404, response.status, path);
    CHECK_TEXT(Contains(response.body, "\"NOT_FOUND\""), path);
  }
};

TEST(Router, CollectionsAnswerWithAndWithoutTheSlash) {
  CheckAnswer("GET", "/things", 200, "list()");
  CheckAnswer("GET", "/things/", 200, "list()");
  CheckAnswer("POST", "/things", 200, "create()");
}

TEST(Router, ItemsGetTheirIdDecodedOnce) {
  CheckAnswer("GET", "/things/a", 200, "get(a)");
  CheckAnswer("DELETE", "/things/a%20b", 200, "delete(a b)");
  CheckAnswer("GET", "/things/a%2Fb", 200, "get(a/b)");
  CheckAnswer("GET", "/things/%2541", 200, "get(%41)");
  CheckAnswer("GET", "/things/a+b", 200, "get(a+b)");
  CheckAnswer("GET", "/things/%FF", 200, "get(\xFF)");
}

TEST(Router, OtherPathsDoNotExist) {
  for (const char* path :
       {"", "/", "/thing", "/thingsx", "/things/a/", "/things/a/b", "//things", "/things//", "/Things", "/things%2Fa",
        "/%74hings", "/things?", "things", "/write-only/x", "/things/%zz", "/things/%"}) {
    CheckNotFound(path);
  }
}

TEST(Router, AnIdThatCanBeNoneIsAPathThatDoesNotExist) {
  CheckAnswer("GET", "/numbers/1", 200, "number(1)");
  CheckAnswer("GET", "/numbers/%31", 200, "number(1)");
  CheckNotFound("/numbers/2");
  CheckNotFound("/numbers/");
  CHECK_EQUAL(404, Ask("BREW", "/numbers/x").status);
}

TEST(Router, OtherMethodsAre405WithThoseThatAreAllowed) {
  const struct {
    const char* method;
    const char* path;
    const char* allow;
  } kCases[] = {
      {"DELETE", "/things", "GET, HEAD, POST"},  {"POST", "/things/a", "GET, HEAD, DELETE"},
      {"BREW", "/things/", "GET, HEAD, POST"},   {"get", "/things", "GET, HEAD, POST"},
      {"", "/things", "GET, HEAD, POST"},        {"HEAD", "/write-only", "PUT"},
      {"OPTIONS", "/things", "GET, HEAD, POST"},
  };
  for (const auto& [method, path, allow] : kCases) {
    const HttpResponse response = Ask(method, path);
    CHECK_EQUAL_TEXT(405, response.status, method);
    CHECK_EQUAL(size_t{1}, response.headers.size());
    CHECK_EQUAL(std::string("Allow"), response.headers[0].first);
    CHECK_EQUAL(std::string(allow), response.headers[0].second);
  }
}

TEST(Router, HeadIsAnsweredAsGetIs) {
  CheckAnswer("HEAD", "/things", 200, "list()");
  CheckAnswer("HEAD", "/things/a", 200, "get(a)");
}

TEST(Router, AFailureLeavesNothingOfTheHandlersAnswer) {
  const HttpResponse response = Ask("GET", "/absent");
  CHECK_EQUAL(404, response.status);
  CHECK_EQUAL(std::string("{\"error\":\"THING_NOT_FOUND\",\"message\":\"No thing.\"}"), response.body);
  CHECK(response.headers.empty());
}

TEST(Router, AnExceptionIs500AndItsTextOnlyInTheLog) {
  const HttpResponse response = Ask("GET", "/throw");
  CHECK_EQUAL(500, response.status);
  CHECK(Contains(response.body, "\"UNEXPECTED_ERROR\""));
  CHECK_FALSE(Contains(response.body, "thrown in the handler"));
  CHECK(Contains(log.Take(), "GET /throw 500: thrown in the handler"));
}

TEST(Router, WhatAnExceptionHasChangedIsNotKnown) {
  const HttpResponse response = Ask("PUT", "/throw");
  CHECK_EQUAL(503, response.status);
  CHECK(Contains(response.body, "may or may not"));
  CHECK_FALSE(Contains(response.body, "thrown in the handler"));
  CHECK(Contains(log.Take(), "PUT /throw 503: thrown in the handler"));
}

TEST(Router, AfterAnExceptionIsCleanedUpAndAfterNothingElse) {
  for (const char* path : {"/things", "/absent", "/away", "/ill", "/nowhere"}) Ask("GET", path);
  CHECK_EQUAL(0, clean_ups);
  Ask("GET", "/throw");
  CHECK_EQUAL(1, clean_ups);
  Ask("PUT", "/throw");
  CHECK_EQUAL(2, clean_ups);
}

TEST(Router, NginxIsToldTheOutcomeOfAWriteAndWhatItHasWritten) {
  CHECK_EQUAL(std::string("done a%20b"), OutcomeOf(Echo("put")));
  CHECK_EQUAL(std::string("unknown a%20b"), OutcomeOf(Fail(Status::UnknownOutcome("gone"))));
  CHECK_EQUAL(std::string("unknown a%20b"), OutcomeOf(Fail(Status::Unexpected("a defect"))));
  CHECK_EQUAL(std::string("unknown a%20b"), OutcomeOf(Throw()));
  CHECK_EQUAL(std::string("none"), OutcomeOf(Fail(Status::Unavailable("gone"))));
  CHECK_EQUAL(std::string("none"), OutcomeOf(Fail(Status::Locked("held"))));
}

TEST(Router, NginxIsToldNothingOfAReadOrOfARefusal) {
  CHECK_EQUAL(std::string(), OutcomeOf(Echo("get"), "GET"));
  CHECK_EQUAL(std::string(), OutcomeOf(Echo("get"), "HEAD"));
  CHECK_EQUAL(std::string(), OutcomeOf(Throw(), "GET"));
  CHECK_EQUAL(std::string(), OutcomeOf(Fail(Status::NotFound("", ""))));
  CHECK_EQUAL(std::string(), OutcomeOf(Fail(Status::BadRequest("wrong"))));
  CHECK_EQUAL(std::string(), OutcomeOf(Echo("put"), "BREW"));
}

TEST(Router, AHandlerSaysWhatItHasWrittenIfThePathDoesNot) {
  const Handler create = [](const HttpRequest&, const std::string&, HttpResponse* response) {
    response->written_id = "7/x";
    return Status::Ok();
  };
  const Router other({{"/things", {{"POST", create}}}}, &logger);
  HttpRequest request;
  request.method = "POST";
  request.path = "/things";
  CHECK_EQUAL(std::string("done 7%2Fx"), HeaderOf(other.Handle(request), "X-Write"));
}

TEST(Router, WhatClientsAreNotToldIsLoggedOnce) {
  for (const char* path : {"/away", "/ill", "/throw"}) {
    Ask("GET", path);
    const std::vector<std::string> lines = log.TakeLines();
    CHECK_EQUAL_TEXT(size_t{1}, lines.size(), path);
    CHECK(Contains(lines[0], "\"level\":\"error\""));
    CHECK(Contains(lines[0], path));
  }
}

TEST(Router, AFailureIsAnEventWithFields) {
  Ask("GET", "/away");
  STRCMP_CONTAINS(R"("event":"request_failed")", log.Take().c_str());
  Ask("PUT", "/throw");
  STRCMP_CONTAINS(R"("method":"PUT","path":"/throw","status":503,"kind":"unknown_outcome"})", log.Take().c_str());
}

TEST(Router, WhatClientsAreToldIsNotAnError) {
  for (const char* path : {"/things", "/absent", "/nowhere"}) Ask("GET", path);
  Ask("BREW", "/things");
  CHECK_EQUAL(std::string(), log.Take());
}

TEST(Router, EachRequestIsAnInfoLineForThoseWhoWantIt) {
  const Logger chatty("test-worker", LogLevel::kInfo);
  const Router other({{"/things", {{"GET", Echo("list")}}}}, &chatty);
  HttpRequest request;
  request.method = "GET";
  request.path = "/things";
  CHECK_EQUAL(200, other.Handle(request).status);
  CHECK(Contains(log.Take(), "GET /things 200"));
}

}  // namespace shop
