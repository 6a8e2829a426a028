#ifndef TESTS_SUPPORT_STORE_CALLS_H_
#define TESTS_SUPPORT_STORE_CALLS_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "workers/common/status.h"

namespace shop {

// The calls that the fake stores of one test get, counted over all of them: what was asked for in which order, and
// which call shall fail.
class StoreCalls {
 public:
  // What a call that fails has done all the same: a store that is lost may have been lost before or after.
  enum class Effect { kNone, kDone };

  // From now on, the `n`-th call, the next one being 1, gives `status`.
  void Fail(size_t n, Status status, Effect effect = Effect::kNone);

  // Runs `action` right before the `n`-th call, as another process would that is a little faster.
  void Before(size_t n, std::function<void()> action);

  // For the fakes: a call named as in "orders.Get", which does `work` unless it shall fail.
  Status Make(const std::string& name, const std::function<Status()>& work);

  // The names of all calls since the last TakeMade, as in "orders.Get stock.Reserve".
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
