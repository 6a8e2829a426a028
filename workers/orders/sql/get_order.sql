SELECT o.id, o.version, d.id, d.product_id, d.price, d.quantity
FROM orders o
LEFT JOIN order_details d ON d.order_id = o.id
WHERE o.id = $1
ORDER BY d.id
