WITH deleted AS (
  DELETE FROM orders WHERE id = $2 AND version = $3 RETURNING id
), details AS (
  DELETE FROM order_details USING deleted WHERE order_details.order_id = deleted.id
)
INSERT INTO stock_movements (id, order_id, kind)
SELECT $1::uuid, id, 'deleted' FROM deleted
RETURNING order_id
