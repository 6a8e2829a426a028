#include "workers/common/request_trace.h"

#include <string>

#include "tests/support/checks.h"

namespace shop {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST_GROUP(RequestTrace) {
  RequestTrace trace{milliseconds(500)};
  RequestTrace::Clock::time_point now;
  const std::chrono::system_clock::time_point taken{std::chrono::seconds(1795272543) + milliseconds(600)};

  // A request that is received, handled and answered in these times.
  void Trace(microseconds receive, microseconds handle, microseconds answer) {
    trace.Begin(now);
    trace.End(RequestTrace::kReceive, now += receive);
    trace.End(RequestTrace::kHandle, now += handle);
    trace.End(RequestTrace::kAnswer, now += answer);
  }

  std::string Fields() const {
    JsonWriter json;
    json.BeginObject();
    trace.WriteFields(&json);
    return json.EndObject().Take();
  }
};

TEST(RequestTrace, SaysWhereTheTimeWent) {
  Trace(microseconds(10), microseconds(1000), microseconds(5));
  trace.SetQueued("1795272543.512", taken);
  trace.AddCall("postgres", "lock", microseconds(300));
  trace.AddCall("redis", "reserve", microseconds(200));
  trace.AddCall("postgres", "lock", microseconds(100));
  CHECK_EQUAL(std::string(R"({"total_us":89015,"queue_us":88000,"receive_us":10,"calls":[)"
                          R"({"store":"postgres","call":"lock","count":2,"us":400},)"
                          R"({"store":"redis","call":"reserve","count":1,"us":200}],"own_us":400,"answer_us":5})"),
              Fields());
}

TEST(RequestTrace, AWorkerWorksUntilItAnswers) {
  Trace(microseconds(10), microseconds(1000), microseconds(5));
  trace.SetQueued("1795272543.512", taken);
  CHECK(trace.Worked() == microseconds(1010));
}

TEST(RequestTrace, CallsOfOneNameInTwoStoresAreTwo) {
  Trace({}, microseconds(10), {});
  trace.AddCall("postgres", "connect", microseconds(3));
  trace.AddCall("redis", "connect", microseconds(4));
  STRCMP_CONTAINS(R"("call":"connect","count":1,"us":3})", Fields().c_str());
  STRCMP_CONTAINS(R"("call":"connect","count":1,"us":4}],"own_us":3,)", Fields().c_str());
}

TEST(RequestTrace, ARequestIsSlowAboveTheLimit) {
  Trace(milliseconds(100), milliseconds(300), milliseconds(100));
  CHECK_FALSE(trace.IsSlow());
  Trace(milliseconds(100), milliseconds(300), microseconds(100'001));
  CHECK(trace.IsSlow());
}

TEST(RequestTrace, TheWaitInTheQueueCounts) {
  Trace({}, milliseconds(413), {});
  trace.SetQueued("1795272543.512", taken);
  CHECK(trace.IsSlow());
}

TEST(RequestTrace, ForgetsTheRequestBefore) {
  Trace(milliseconds(100), milliseconds(300), milliseconds(200));
  trace.SetQueued("1795272543.512", taken);
  trace.AddCall("redis", "read", milliseconds(1));
  Trace({}, microseconds(2), {});
  CHECK_EQUAL(std::string(R"({"total_us":2,"receive_us":0,"calls":[],"own_us":2,"answer_us":0})"), Fields());
}

TEST(RequestTrace, ATimeThatIsNoneLeavesTheWaitOpen) {
  for (const char* text : {"", "1795272543", "1795272543.51", "1795272543.5123", ".512", "-1.512", "x.512", "1.5x2"}) {
    Trace({}, {}, {});
    trace.SetQueued(text, taken);
    CHECK_TEXT(Fields().find("queue_us") == std::string::npos, text);
  }
}

TEST(RequestTrace, AClockThatIsAheadIsNoWait) {
  Trace({}, {}, {});
  trace.SetQueued("1795272544.000", taken);
  STRCMP_CONTAINS("\"queue_us\":0,", Fields().c_str());
}

TEST(RequestTrace, AStoreCallIsTheTimeThatItLives) {
  trace.Begin();
  {
    const StoreCall call(&trace, "redis", "read");
    const StoreCall untraced(nullptr, "redis", "read");
  }
  STRCMP_CONTAINS(R"({"store":"redis","call":"read","count":1,)", Fields().c_str());
}

}  // namespace shop
