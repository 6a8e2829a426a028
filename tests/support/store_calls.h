#ifndef TESTS_SUPPORT_STORE_CALLS_H_
#define TESTS_SUPPORT_STORE_CALLS_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "workers/common/status.h"

namespace shop {

// The calls that the fake stores of one test get, counted over all stores: which were made, in which order, and which
// must fail.
class StoreCalls {
 public:
  // What a failing call does all the same: a store that is lost may be lost before or after its work.
  enum class Effect { kNone, kDone };

  // The `n`-th call from now on (1 is the next one) returns `status`.
  void Fail(size_t n, Status status, Effect effect = Effect::kNone);

  // Runs `action` right before the `n`-th call, like another process that is a little faster.
  void Before(size_t n, std::function<void()> action);

  // For the fakes: makes the call `name`, such as "orders.Get", which does `work` unless it must fail.
  Status Make(const std::string& name, const std::function<Status()>& work);

  // The names of all calls since the last TakeMade, for example "orders.Get stock.Reserve".
  std::string TakeMade();

 private:
  struct Failure {
    Status status;
    Effect effect;
  };

  size_t count_ = 0;
  std::map<size_t, Failure> failures_;
  std::map<size_t, std::function<void()>> actions_;
  std::string made_;
};

}  // namespace shop

#endif  // TESTS_SUPPORT_STORE_CALLS_H_
