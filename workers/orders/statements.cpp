#include "workers/orders/statements.h"

namespace shop::statements {

const PgStatement kGetOrder{
    "get_order",
#include "workers/orders/sql/get_order.sql.inc"
};
const PgStatement kListOrders{
    "list_orders",
#include "workers/orders/sql/list_orders.sql.inc"
};
const PgStatement kCreateOrder{
    "create_order",
#include "workers/orders/sql/create_order.sql.inc"
};
const PgStatement kUpdateOrder{
    "update_order",
#include "workers/orders/sql/update_order.sql.inc"
};
const PgStatement kDeleteOrder{
    "delete_order",
#include "workers/orders/sql/delete_order.sql.inc"
};
const PgStatement kLock{
    "lock",
#include "workers/orders/sql/lock.sql.inc"
};
const PgStatement kUnlock{
    "unlock",
#include "workers/orders/sql/unlock.sql.inc"
};
const PgStatement kFindKeyUse{
    "find_key_use",
#include "workers/orders/sql/find_key_use.sql.inc"
};
const PgStatement kCancelMovement{
    "cancel_movement",
#include "workers/orders/sql/cancel_movement.sql.inc"
};
const PgStatement kFindMovement{
    "find_movement",
#include "workers/orders/sql/find_movement.sql.inc"
};
const PgStatement kPurgeMovements{
    "purge_movements",
#include "workers/orders/sql/purge_movements.sql.inc"
};
const PgStatement kPurgeKeys{
    "purge_keys",
#include "workers/orders/sql/purge_keys.sql.inc"
};
const PgStatement kPing{
    "ping",
#include "workers/orders/sql/ping.sql.inc"
};

std::span<const PgStatement* const> OfWorker() {
  static constexpr const PgStatement* kAll[] = {&kGetOrder, &kListOrders, &kCreateOrder, &kUpdateOrder, &kDeleteOrder,
                                                &kLock,     &kUnlock,     &kFindKeyUse,  &kPing};
  return kAll;
}

std::span<const PgStatement* const> OfReconciler() {
  static constexpr const PgStatement* kAll[] = {&kCancelMovement, &kFindMovement, &kPurgeMovements, &kPurgeKeys,
                                                &kPing};
  return kAll;
}

}  // namespace shop::statements
