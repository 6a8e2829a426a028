#include "workers/orders/locks.h"

#include "tests/contract/stores.h"
#include "tests/support/checks.h"

namespace shop {

TEST_GROUP(LocksContract) {
  std::unique_ptr<OrderStores> stores = MakeOrderStores();
  Locks& locks = *stores->locks();
  Locks& other_locks = *stores->other_locks();
};

TEST(LocksContract, WhoWantsALockThatIsHeldGivesUpInTime) {
  CHECK_OK(locks.Lock("order 1"));
  CHECK_STATUS(StatusCode::kLocked, other_locks.Lock("order 1"));
  CHECK_OK(other_locks.Lock("order 2"));
  CHECK_STATUS(StatusCode::kLocked, locks.Lock("order 2"));
  locks.Unlock("order 1");
  CHECK_OK(other_locks.Lock("order 1"));
}

TEST(LocksContract, OnlyItsHolderGivesALockBack) {
  CHECK_OK(locks.Lock("order 1"));
  other_locks.Unlock("order 1");
  CHECK_STATUS(StatusCode::kLocked, other_locks.Lock("order 1"));
}

TEST(LocksContract, AScopedLockIsHeldToTheEndOfItsScopeIfItWasTaken) {
  {
    const ScopedLock lock(&locks, "order 1");
    CHECK_OK(lock.status());
    { CHECK_STATUS(StatusCode::kLocked, ScopedLock(&other_locks, "order 1").status()); }
    CHECK_STATUS(StatusCode::kLocked, other_locks.Lock("order 1"));
  }
  CHECK_OK(other_locks.Lock("order 1"));
}

}  // namespace shop
