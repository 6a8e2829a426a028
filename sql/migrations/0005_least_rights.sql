-- The workers may change only the columns that their statements set: a detail stays in its order and keeps its product.
-- Rights that were granted to everybody, perhaps by the Python shop's operator, are revoked.

revoke all on orders, order_details, stock_movements, idempotency_keys, schema_migrations from public;
revoke all on sequence orders_id_seq, order_details_id_seq from public;

revoke update on orders, order_details from orders;
grant update (version, updated_at) on orders to orders;
grant update (price, quantity, updated_at) on order_details to orders;
