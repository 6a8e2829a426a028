#include "workers/common/health.h"

#include <string>
#include <utility>

#include "tests/support/checks.h"

namespace shop {
namespace {

HttpResponse Ask(std::vector<HealthCheck> checks) {
  const Resource resource = HealthResource(std::move(checks));
  HttpResponse response;
  CHECK_OK(resource.methods.at(0).handler(HttpRequest(), "", &response));
  return response;
}

Status Up() {
  return Status::Ok();
}
Status Down() {
  return Status::Unavailable("secret");
}
Status ReadOnly() {
  return Status::ReadOnly("secret");
}

}  // namespace

TEST_GROUP(Health){};

TEST(Health, IsAskedForWithGet) {
  const Resource resource = HealthResource({});
  CHECK_EQUAL(std::string_view("/health"), resource.path);
  CHECK_EQUAL(size_t{1}, resource.methods.size());
  CHECK_EQUAL(std::string_view("GET"), resource.methods[0].name);
}

TEST(Health, Is200WhenEveryPartIsUp) {
  const HttpResponse response = Ask({{"redis", Up}, {"postgres", Up}});
  CHECK_EQUAL(200, response.status);
  CHECK_EQUAL(std::string(R"({"redis":"up","postgres":"up"})"), response.body);
}

TEST(Health, Is503AndNamesThePartThatIsDown) {
  const HttpResponse response = Ask({{"redis", Down}, {"postgres", Up}});
  CHECK_EQUAL(503, response.status);
  CHECK_EQUAL(std::string(R"({"redis":"down","postgres":"up"})"), response.body);
}

TEST(Health, Is503WhereAStoreTakesNoWrites) {
  const HttpResponse response = Ask({{"redis", Up}, {"postgres", ReadOnly}});
  CHECK_EQUAL(503, response.status);
  CHECK_EQUAL(std::string(R"({"redis":"up","postgres":"read-only"})"), response.body);
}

}  // namespace shop
