#ifndef TESTS_SUPPORT_FAKE_LOCKS_H_
#define TESTS_SUPPORT_FAKE_LOCKS_H_

#include <set>
#include <string>

#include "tests/support/store_calls.h"
#include "workers/orders/locks.h"

namespace shop {

// Locks that nobody else wants. Its calls are named "locks.Lock" and "locks.Unlock".
class FakeLocks : public Locks {
 public:
  explicit FakeLocks(StoreCalls* calls) : calls_(calls) {}

  std::set<std::string> held;
  std::string last;  // The name that was locked last.

  Status Lock(const std::string& name) override {
    return calls_->Make("locks.Lock", [&] {
      held.insert(name);
      last = name;
      return Status::Ok();
    });
  }

  void Unlock(const std::string& name) override {
    static_cast<void>(calls_->Make("locks.Unlock", [&] {
      held.erase(name);
      return Status::Ok();
    }));
  }

 private:
  StoreCalls* calls_;
};

}  // namespace shop

#endif  // TESTS_SUPPORT_FAKE_LOCKS_H_
