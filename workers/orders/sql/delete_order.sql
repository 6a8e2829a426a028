-- The details go with their order, by a trigger.
WITH deleted AS (
  DELETE FROM orders WHERE id = $2 AND version = $3 RETURNING id
)
INSERT INTO stock_movements (id, order_id, kind)
SELECT $1::uuid, id, 'deleted' FROM deleted
RETURNING order_id
