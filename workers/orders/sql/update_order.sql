WITH updated AS (
  UPDATE orders SET version = version + 1, updated_at = timezone('utc', now())
  WHERE id = $2 AND version = $3
  RETURNING id
), details AS (
  UPDATE order_details SET price = d.price, quantity = d.quantity, updated_at = timezone('utc', now())
  FROM unnest($4::bigint[], $5::numeric[], $6::int[]) AS d (id, price, quantity)
  WHERE order_details.id = d.id AND order_details.order_id = (SELECT id FROM updated)
)
INSERT INTO stock_movements (id, order_id, kind)
SELECT $1::uuid, id, 'updated' FROM updated
RETURNING order_id
