#include "workers/orders/locks.h"

#include "tests/contract/stores.h"
#include "tests/support/checks.h"
#include "workers/common/uuid.h"

namespace shop {

TEST_GROUP(LocksContract) {
  Stores stores = MakeStores();
  Locks& locks = stores.locks;
  Locks& other_locks = stores.other_locks;
  const std::string name = NewUuid();  // A new one: the session of an earlier test may still be ending.
};

TEST(LocksContract, WhoWantsALockThatIsHeldGivesUpInTime) {
  CHECK_OK(locks.Lock(name));
  CHECK_STATUS(StatusCode::kLocked, other_locks.Lock(name));
  CHECK_OK(other_locks.Lock(name + "2"));
  locks.Unlock(name);
  CHECK_OK(other_locks.Lock(name));
}

TEST(LocksContract, OnlyItsHolderGivesALockBack) {
  CHECK_OK(locks.Lock(name));
  other_locks.Unlock(name);
  CHECK_STATUS(StatusCode::kLocked, other_locks.Lock(name));
}

TEST(LocksContract, AScopedLockIsHeldToTheEndOfItsScopeIfItWasTaken) {
  {
    const ScopedLock lock(&locks, name);
    CHECK_OK(lock.status());
    { CHECK_STATUS(StatusCode::kLocked, ScopedLock(&other_locks, name).status()); }
    CHECK_STATUS(StatusCode::kLocked, other_locks.Lock(name));
  }
  CHECK_OK(other_locks.Lock(name));
}

}  // namespace shop
