#ifndef WORKERS_COMMON_REQUEST_TRACE_H_
#define WORKERS_COMMON_REQUEST_TRACE_H_

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "workers/common/json.h"

namespace shop {

// Where the time of the request at hand goes. A process has one: it serves one request at a time. Costs a request some
// 0.3 µs with two calls of a store.
class RequestTrace {
 public:
  using Clock = std::chrono::steady_clock;

  enum Phase { kReceive, kHandle, kAnswer };

  // A request that takes longer than `limit` is slow.
  explicit RequestTrace(std::chrono::milliseconds limit) : limit_(limit) {}

  // A worker begins with a request. Forgets the one before.
  void Begin(Clock::time_point now = Clock::now());

  // How long the request waited for a worker. `sent_at` is when the web server sent it, `now` when the worker took it,
  // both in seconds since 1970: "1795272543.512". Leaves it open if `sent_at` is none. If the web server's clock is
  // ahead, it is 0.
  void SetQueued(std::string_view sent_at, std::chrono::system_clock::time_point now);

  // A phase has ended. The next one begins.
  void End(Phase phase, Clock::time_point now = Clock::now());

  // A call of a store, a part of kHandle. Both texts must be in static storage.
  void AddCall(std::string_view store, std::string_view call, Clock::duration duration);

  // How long the worker has had the request, without its answer's way to the web server.
  std::chrono::microseconds Worked() const;

  Clock::duration Total() const;
  bool IsSlow() const { return Total() > limit_; }

  // Where the time went, as fields of a log line, in microseconds. They add up to total_us. own_us is what is left of
  // the handler's time without its calls of the stores; queue_us is left out if nobody knows it.
  void WriteFields(JsonWriter* json) const;

 private:
  struct Call {
    std::string_view store;
    std::string_view name;
    int count;
    Clock::duration duration;
  };

  Clock::duration limit_;
  std::optional<Clock::duration> queued_;
  Clock::time_point phase_began_;
  Clock::duration phases_[kAnswer + 1] = {};
  std::vector<Call> calls_;
};

// Adds the time that it lives to a trace, as a call of a store. Without a trace it does nothing.
class StoreCall {
 public:
  StoreCall(RequestTrace* trace, std::string_view store, std::string_view name)
      : trace_(trace), store_(store), name_(name) {
    if (trace_ != nullptr) began_ = RequestTrace::Clock::now();
  }
  ~StoreCall() {
    if (trace_ != nullptr) trace_->AddCall(store_, name_, RequestTrace::Clock::now() - began_);
  }
  StoreCall(const StoreCall&) = delete;
  StoreCall& operator=(const StoreCall&) = delete;

 private:
  RequestTrace* trace_;
  std::string_view store_;
  std::string_view name_;
  RequestTrace::Clock::time_point began_;
};

}  // namespace shop

#endif  // WORKERS_COMMON_REQUEST_TRACE_H_
