// All SQL of the workers: what each statement takes and returns. Its text is the file of its name in sql/. Each
// connection prepares it once. It ends after POSTGRES_TIMEOUT_MS: one limit for all, because each reads or writes by
// key, and none has a reason to take longer.

#ifndef WORKERS_ORDERS_STATEMENTS_H_
#define WORKERS_ORDERS_STATEMENTS_H_

#include <span>

#include "workers/common/postgres.h"

namespace shop::statements {

// $1: id. Rows: order id, version, detail id, product id, price, quantity. First the order, the details' columns NULL;
// then its details, the version NULL, in the order of their ids.
extern const PgStatement kGetOrder;

// $1: after, $2: limit, $3: how many details at most. Rows as of kGetOrder, in the order of the orders' ids: first all
// orders, then their details.
extern const PgStatement kListOrders;

// $1: movement id; $2, $3, $4: arrays of product ids, prices, quantities; $5, $6: idempotency key and the body's hash,
// or NULLs. Row: the order's id.
extern const PgStatement kCreateOrder;

// $1: movement id; $2: order id; $3: its version; $4, $5, $6: arrays of detail ids, prices, quantities. A row if that
// version was there.
extern const PgStatement kUpdateOrder;

// $1: movement id; $2: order id; $3: its version. A row if that version was there.
extern const PgStatement kDeleteOrder;

// $1: the name of a lock.
extern const PgStatement kLock;
extern const PgStatement kUnlock;

// $1: idempotency key, $2: body. Row: the body's hash; if the key was used, order id and whether the body was the same,
// else NULLs.
extern const PgStatement kFindKeyUse;

// $1: movement id. A row if nothing was recorded under it; now nothing can be any more.
extern const PgStatement kCancelMovement;

// $1: movement id. A row if it is in the log: kind, order id.
extern const PgStatement kFindMovement;

// $1: how many at most; for movements, $2: an array of those to keep. Row: how many were removed.
extern const PgStatement kPurgeMovements;
extern const PgStatement kPurgeKeys;

// Row: "on" if nothing may be written, as on a standby.
extern const PgStatement kPing;

// What each program prepares.
std::span<const PgStatement* const> OfWorker();
std::span<const PgStatement* const> OfReconciler();

}  // namespace shop::statements

#endif  // WORKERS_ORDERS_STATEMENTS_H_
