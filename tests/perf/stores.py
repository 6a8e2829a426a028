"""Fills a shop's stores directly, with the data that the shop itself would have written.

Product ids begin with 000000000000, order ids with 1. Each order has one detail: order n is of product n - 1.
"""

from shop.stack import wait_for

REWRITE_SECONDS = 120
FILLED_AT_ONCE = 10_000

# What workers/products/lua/put_product.lua does.
FILL_PRODUCTS = """
for number = ARGV[1], ARGV[2] - 1 do
  local id = string.format('%012d', number)
  redis.call('HSET', 'products:' .. id, 'id', id, 'title', 'The Odyssey', 'passenger_capacity', 101, 'maximum_speed', 5,
    'in_stock', 1000000)
  redis.call('ZADD', 'product_index', 0, id)
end
"""
# Movements are kept for a day, so those of the orders must be younger: their ids begin with their time (UUIDv7).
FILL_ORDERS = """
TRUNCATE orders, order_details, stock_movements, idempotency_keys;
INSERT INTO orders (id) SELECT generate_series(1, {count});
INSERT INTO order_details (id, order_id, product_id, price, quantity)
SELECT n, n, lpad((n - 1)::text, 12, '0'), 100000.99, 1 FROM generate_series(1, {count}) AS n;
SELECT setval('orders_id_seq', {count}), setval('order_details_id_seq', {count});
INSERT INTO stock_movements (id, order_id, kind)
SELECT
  (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - {count} + n), 12, '0')
    || '70008' || lpad(to_hex(n), 15, '0'))::uuid,
  n,
  'created'
FROM generate_series(1, {count}) AS n
"""

# Removes what measuring has added.
REMOVE_NEW_ORDERS = """
DELETE FROM orders WHERE id > {count};
DELETE FROM stock_movements WHERE order_id > {count}
"""

# The ids of new products begin with a letter, which comes after all digits.
REMOVE_NEW_PRODUCTS = """
local ids = redis.call('ZRANGEBYLEX', 'product_index', '[a', '+', 'LIMIT', 0, 1000)
for _, id in ipairs(ids) do redis.call('DEL', 'products:' .. id) end
if #ids > 0 then redis.call('ZREM', 'product_index', unpack(ids)) end
return #ids
"""


def fill(stack, count):
    """Empties both stores, and writes `count` products and as many orders."""
    stack.redis.flushall()
    for start in range(0, count, FILLED_AT_ONCE):
        stack.redis.eval(FILL_PRODUCTS, 0, start, min(start + FILLED_AT_ONCE, count))
    stack.postgres(FILL_ORDERS.format(count=count))
    stack.postgres("VACUUM ANALYZE orders, order_details, stock_movements")
    stack.postgres("CHECKPOINT")
    rewrite_append_only_file(stack)


def remove_new(stack, count):
    """Removes everything that was created since `fill`."""
    stack.postgres(REMOVE_NEW_ORDERS.format(count=count))
    stack.postgres("VACUUM orders, order_details, stock_movements")
    while stack.redis.eval(REMOVE_NEW_PRODUCTS, 0) > 0:
        pass


def rewrite_append_only_file(stack):
    """Otherwise Redis would do it as soon as the file has doubled: in the middle of a measurement."""
    wait_for(lambda: rewrites(stack) == (0, 0), "Redis ends its own rewrite", REWRITE_SECONDS)
    stack.redis.bgrewriteaof()
    wait_for(lambda: rewrites(stack) == (0, 0), "Redis rewrites its append-only file", REWRITE_SECONDS)


def rewrites(stack):
    """The numbers of rewrites that run and of those that are scheduled."""
    info = stack.redis.info("persistence")
    return info["aof_rewrite_in_progress"], info["aof_rewrite_scheduled"]
