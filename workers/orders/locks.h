#ifndef WORKERS_ORDERS_LOCKS_H_
#define WORKERS_ORDERS_LOCKS_H_

#include <string>
#include <utility>

#include "workers/common/status.h"

namespace shop {

// Locks with names; only one process holds a name at a time. The database guards the same things, by a version or a
// unique key. A lock only spares the losers of a race their work, and their clients the error.
class Locks {
 public:
  virtual ~Locks() = default;

  // Waits until nobody else holds `name`, then holds it until Unlock, or until the connection to the store ends.
  // kUnavailable if the store cannot be reached, kLocked if the wait took too long.
  virtual Status Lock(const std::string& name) = 0;

  // Never fails: a lock that cannot be released was lost with its connection.
  virtual void Unlock(const std::string& name) = 0;
};

// Holds `name` for as long as this object lives, if its status() is ok.
class ScopedLock {
 public:
  // `locks` must outlive this.
  ScopedLock(Locks* locks, std::string name) : locks_(locks), name_(std::move(name)), status_(locks->Lock(name_)) {}
  ~ScopedLock() {
    if (status_.ok()) locks_->Unlock(name_);
  }
  ScopedLock(const ScopedLock&) = delete;
  ScopedLock& operator=(const ScopedLock&) = delete;

  const Status& status() const { return status_; }

 private:
  Locks* locks_;
  std::string name_;
  Status status_;
};

}  // namespace shop

#endif  // WORKERS_ORDERS_LOCKS_H_
