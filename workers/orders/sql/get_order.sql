-- No join, as in list_orders.sql.
SELECT id, version, NULL::bigint, NULL::varchar, NULL::numeric, NULL::int FROM orders WHERE id = $1
UNION ALL (
  SELECT order_id, NULL::bigint, id, product_id, price, quantity FROM order_details
  WHERE order_id = $1
  ORDER BY order_id, id
)
