-- The details of a page are one range of their index. PostgreSQL reads along it and stops at the limit, because that is
-- a parameter: with a constant that is larger than the number of rows it expects, it would read and sort all of them.
-- There is no join: with a bad estimate PostgreSQL could choose a plan that compares each order with each detail.
WITH page AS MATERIALIZED (
  SELECT id, version FROM orders WHERE id > $1 ORDER BY id LIMIT $2
)
SELECT id, version, NULL::bigint, NULL::varchar, NULL::numeric, NULL::int FROM page
UNION ALL (
  SELECT order_id, NULL::bigint, id, product_id, price, quantity FROM order_details
  WHERE order_id > $1 AND order_id <= (SELECT max(id) FROM page)
  ORDER BY order_id, id LIMIT $3
)
