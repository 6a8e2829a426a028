-- pgbench: the bare insert of an order with one detail and its movement id, in one statement, as a checkout needs it.
-- A movement's id grows with time, as the shop's do (UUIDv7): :started is the time in microseconds.
\set n :n + 1
\set product random(0, :stored - 1)
\set movement (:started + :n) * 64 + :client_id
WITH created AS (
  INSERT INTO orders DEFAULT VALUES RETURNING id
), details AS (
  INSERT INTO order_details (order_id, product_id, price, quantity)
  SELECT id, lpad(:product::text, 12, '0'), 100000.99, 1 FROM created
)
INSERT INTO stock_movements (id, order_id, kind)
SELECT lpad(:movement::text, 32, '0')::uuid, id, 'created' FROM created
RETURNING order_id;
