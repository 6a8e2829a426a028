#include "tests/support/store_calls.h"

#include <utility>

namespace shop {

void StoreCalls::Fail(size_t n, Status status, Effect effect) {
  failures_.insert_or_assign(count_ + n, Failure{std::move(status), effect});
}

void StoreCalls::Before(size_t n, std::function<void()> action) {
  actions_[count_ + n] = std::move(action);
}

Status StoreCalls::Make(const std::string& name, const std::function<Status()>& work) {
  ++count_;
  made_ += (made_.empty() ? "" : " ") + name;
  if (const auto action = actions_.find(count_); action != actions_.end()) action->second();
  const auto failure = failures_.find(count_);
  if (failure == failures_.end()) return work();
  if (failure->second.effect == Effect::kDone) static_cast<void>(work());
  return failure->second.status;
}

std::string StoreCalls::TakeMade() {
  return std::exchange(made_, "");
}

}  // namespace shop
