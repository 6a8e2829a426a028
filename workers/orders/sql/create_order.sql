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
  SELECT $5::text, $6::bytea, id FROM created WHERE $5::text IS NOT NULL
)
INSERT INTO stock_movements (id, order_id, kind)
SELECT $1::uuid, id, 'created' FROM created
RETURNING order_id
