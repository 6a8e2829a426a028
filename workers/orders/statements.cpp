#include "workers/orders/statements.h"

namespace shop::statements {

const PgStatement kGetOrder{"get_order", R"sql(
  SELECT o.id, o.version, d.id, d.product_id, d.price, d.quantity
  FROM orders o
  LEFT JOIN order_details d ON d.order_id = o.id
  WHERE o.id = $1
  ORDER BY d.id
)sql"};

// The details of a page are one range of their index. PostgreSQL goes along it and stops at the limit because that is a
// parameter: with a constant that is larger than the number of rows it expects, it would read and sort all of them.
// There is no join, for which a bad estimate could choose a plan that compares each order with each detail.
const PgStatement kListOrders{"list_orders", R"sql(
  WITH page AS MATERIALIZED (
    SELECT id, version FROM orders WHERE id > $1 ORDER BY id LIMIT $2
  )
  SELECT id, version, NULL::bigint, NULL::varchar, NULL::numeric, NULL::int FROM page
  UNION ALL (
    SELECT order_id, NULL::bigint, id, product_id, price, quantity FROM order_details
    WHERE order_id > $1 AND order_id <= (SELECT max(id) FROM page)
    ORDER BY order_id, id LIMIT $3
  )
)sql"};

const PgStatement kCreateOrder{"create_order", R"sql(
  WITH created AS (
    INSERT INTO orders DEFAULT VALUES RETURNING id
  ), details AS (
    INSERT INTO order_details (order_id, product_id, price, quantity)
    SELECT created.id, d.product_id, d.price, d.quantity
    FROM created,
      unnest($2::text[], $3::numeric[], $4::int[]) WITH ORDINALITY AS d (product_id, price, quantity, position)
    ORDER BY d.position
  ), used_key AS (
    INSERT INTO idempotency_keys (key, body_sha256, order_id)
    SELECT $5::text, sha256(convert_to($6::text, 'UTF8')), id FROM created WHERE $5::text IS NOT NULL
  )
  INSERT INTO stock_movements (id, order_id, kind)
  SELECT $1::uuid, id, 'created' FROM created
  RETURNING order_id
)sql"};

const PgStatement kUpdateOrder{"update_order", R"sql(
  WITH updated AS (
    UPDATE orders SET version = version + 1, updated_at = timezone('utc', now())
    WHERE id = $2 AND version = $3
    RETURNING id
  ), details AS (
    UPDATE order_details SET price = d.price, quantity = d.quantity, updated_at = timezone('utc', now())
    FROM updated, unnest($4::bigint[], $5::numeric[], $6::int[]) AS d (id, price, quantity)
    WHERE order_details.id = d.id AND order_details.order_id = updated.id
  )
  INSERT INTO stock_movements (id, order_id, kind)
  SELECT $1::uuid, id, 'updated' FROM updated
  RETURNING order_id
)sql"};

const PgStatement kDeleteOrder{"delete_order", R"sql(
  WITH deleted AS (
    DELETE FROM orders WHERE id = $2 AND version = $3 RETURNING id
  ), details AS (
    DELETE FROM order_details USING deleted WHERE order_details.order_id = deleted.id
  )
  INSERT INTO stock_movements (id, order_id, kind)
  SELECT $1::uuid, id, 'deleted' FROM deleted
  RETURNING order_id
)sql"};

const PgStatement kLock{"lock", "SELECT pg_advisory_lock(hashtextextended($1, 0))"};
const PgStatement kUnlock{"unlock", "SELECT pg_advisory_unlock(hashtextextended($1, 0))"};

const PgStatement kFindKeyUse{"find_key_use", R"sql(
  SELECT order_id, body_sha256 = sha256(convert_to($2, 'UTF8')) FROM idempotency_keys WHERE key = $1
)sql"};

// Waits for a statement that is just recording the movement.
const PgStatement kCancelMovement{"cancel_movement", R"sql(
  INSERT INTO stock_movements (id, kind) VALUES ($1::uuid, 'cancelled') ON CONFLICT (id) DO NOTHING RETURNING id
)sql"};

const PgStatement kFindMovement{"find_movement", "SELECT kind, order_id FROM stock_movements WHERE id = $1::uuid"};

// = ANY (ARRAY (...)), not IN: however many rows PostgreSQL expects, it deletes them one by one by their key.

// A movement's id begins with its time in milliseconds.
const PgStatement kPurgeMovements{"purge_movements", R"sql(
  WITH removed AS (
    DELETE FROM stock_movements WHERE id = ANY (ARRAY (
      SELECT id FROM stock_movements
      WHERE id < rpad(lpad(to_hex((extract(epoch FROM now() - interval '24 hours') * 1000)::bigint), 12, '0'), 32, '0')::uuid
        AND id <> ALL ($2::uuid[])
      ORDER BY id LIMIT $1
    )) RETURNING 1
  )
  SELECT count(*) FROM removed
)sql"};

const PgStatement kPurgeKeys{"purge_keys", R"sql(
  WITH removed AS (
    DELETE FROM idempotency_keys WHERE key = ANY (ARRAY (
      SELECT key FROM idempotency_keys WHERE created_at < now() - interval '24 hours' ORDER BY created_at LIMIT $1
    )) RETURNING 1
  )
  SELECT count(*) FROM removed
)sql"};

const PgStatement kPing{"ping", "SELECT current_setting('transaction_read_only')"};

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
