-- The unnest() of a SELECT list go hand in hand, from the first detail to the last: the ids have the order of the
-- details.
WITH created AS (
  INSERT INTO orders DEFAULT VALUES RETURNING id
), details AS (
  INSERT INTO order_details (order_id, product_id, price, quantity)
  SELECT id, unnest($2::text[]), unnest($3::numeric[]), unnest($4::int[]) FROM created
), used_key AS (
  INSERT INTO idempotency_keys (key, body_sha256, order_id)
  SELECT $5::text, $6::bytea, id FROM created WHERE $5::text IS NOT NULL
)
INSERT INTO stock_movements (id, order_id, kind)
SELECT $1::uuid, id, 'created' FROM created
RETURNING order_id
