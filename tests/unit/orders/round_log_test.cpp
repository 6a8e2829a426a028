#include "workers/orders/round_log.h"

#include <string>

#include "tests/support/checks.h"
#include "tests/support/stderr_capture.h"

namespace shop {

TEST_GROUP(RoundLog) {
  StderrCapture log;
  Logger logger{"reconciler", LogLevel::kWarning};
  RoundLog rounds{&logger};

  std::string Said(const Status& round) {
    rounds.Add(round);
    return log.Take();
  }
};

TEST(RoundLog, SaysWhenAStoreGoesAndWhenItIsBackAndNothingInBetween) {
  CHECK_EQUAL(std::string(), Said(Status::Ok()));
  const std::string gone = Said(Status::Unavailable("redis: connect"));
  STRCMP_CONTAINS("\"level\":\"error\"", gone.c_str());
  STRCMP_CONTAINS("cannot reconcile: redis: connect", gone.c_str());
  CHECK_EQUAL(std::string(), Said(Status::Unavailable("redis: no answer")));
  STRCMP_CONTAINS("reconciling again", Said(Status::Ok()).c_str());
  CHECK_EQUAL(std::string(), Said(Status::Ok()));
}

TEST(RoundLog, SaysWhenAStoreTakesNoWritesAndWhenItTakesThemAgain) {
  STRCMP_CONTAINS("a store takes no writes: redis: OOM", Said(Status::ReadOnly("redis: OOM")).c_str());
  CHECK_EQUAL(std::string(), Said(Status::ReadOnly("redis: OOM")));
  STRCMP_CONTAINS("the stores take writes again", Said(Status::Ok()).c_str());
}

TEST(RoundLog, SaysWhenSomethingElseGetsInTheWay) {
  Said(Status::Unavailable("redis: connect"));
  STRCMP_CONTAINS("cannot reconcile: postgres: connect", Said(Status::Unavailable("postgres: connect")).c_str());
  STRCMP_CONTAINS("a store takes no writes: postgres: standby", Said(Status::ReadOnly("postgres: standby")).c_str());
  STRCMP_CONTAINS("cannot reconcile: postgres: odd", Said(Status::Unexpected("postgres: odd")).c_str());
}

}  // namespace shop
