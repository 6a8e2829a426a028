#ifndef TESTS_SUPPORT_FAKE_LOCKS_H_
#define TESTS_SUPPORT_FAKE_LOCKS_H_

#include <set>
#include <string>

#include "tests/support/store_calls.h"
#include "workers/orders/locks.h"

namespace shop {

// Locks in memory. A lock that is held is not waited for. The calls are named "locks.Lock" and "locks.Unlock".
class FakeLocks : public Locks {
 public:
  // `others` are the locks of another process, if there is one.
  explicit FakeLocks(StoreCalls* calls, const FakeLocks* others = nullptr) : calls_(calls), others_(others) {}

  std::set<std::string> held;
  std::string last;  // The name that was locked last.

  Status Lock(const std::string& name) override {
    return calls_->Make("locks.Lock", [&] {
      if (others_ != nullptr && others_->held.contains(name)) return Status::Locked("held");
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
  const FakeLocks* others_;
};

}  // namespace shop

#endif  // TESTS_SUPPORT_FAKE_LOCKS_H_
