"""Fills a shop's stores as fast as they take it, with what the shop itself would have written.

Products are numbered from 000000000000 on, orders from 1 on; each order has one detail, of the product before it.
"""

import subprocess

from sample import output_of
from shop.stack import wait_for

PSQL = "/usr/lib/postgresql/15/bin/psql"
REWRITE_SECONDS = 120
INT_FIELDS = {"passenger_capacity": "101", "maximum_speed": "5", "in_stock": "1000000"}

DETAILS = r"""seq {count} | awk ''{{ printf "%d\t%d\t%012d\t100000.99\t1\n", $1, $1, $1 - 1 }}''"""

# psql feeds COPY from the pipes.
FILL_POSTGRES = r"""
\set QUIET on
\set ON_ERROR_STOP on
TRUNCATE orders, order_details, stock_movements, idempotency_keys;
\copy orders (id) FROM PROGRAM 'seq {count}'
\copy order_details (id, order_id, product_id, price, quantity) FROM PROGRAM '{details}'
SELECT setval('orders_id_seq', {count}), setval('order_details_id_seq', {count}) \g /dev/null
-- The movements that created them, all in the day for which they are kept: ids begin with their time (UUIDv7).
INSERT INTO stock_movements (id, order_id, kind)
SELECT
  (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint - {count} + n), 12, '0')
    || '70008' || lpad(to_hex(n), 15, '0'))::uuid,
  n,
  'created'
FROM generate_series(1, {count}) AS n;
VACUUM ANALYZE orders, order_details, stock_movements;
CHECKPOINT;
"""

# What measuring has added to that.
REMOVE_NEW_ORDERS = r"""
\set QUIET on
\set ON_ERROR_STOP on
DELETE FROM orders WHERE id > {count};
DELETE FROM stock_movements WHERE order_id > {count};
VACUUM orders, order_details, stock_movements;
"""

# Their ids begin with a letter, which comes after all digits.
REMOVE_NEW_PRODUCTS = """
local ids = redis.call('ZRANGEBYLEX', 'product_index', '[a', '+', 'LIMIT', 0, 1000)
for _, id in ipairs(ids) do redis.call('DEL', 'products:' .. id) end
if #ids > 0 then redis.call('ZREM', 'product_index', unpack(ids)) end
return #ids
"""


def fill(stack, count):
    """Empties both stores, and puts `count` products and as many orders into them."""
    stack.redis("FLUSHALL")
    fill_redis(stack, count)
    psql(stack, FILL_POSTGRES.format(count=count, details=DETAILS.format(count=count)))
    rewrite_append_only_file(stack)


def remove_new(stack, count):
    """Takes out again what was created since `fill`."""
    psql(stack, REMOVE_NEW_ORDERS.format(count=count))
    while stack.redis("EVAL", REMOVE_NEW_PRODUCTS, 0) > 0:
        pass


def fill_redis(stack, count):
    pipe = subprocess.Popen(
        ["redis-cli", "-s", stack.run_dir / "redis/redis.sock", "--pipe"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    for start in range(0, count, 10_000):
        pipe.stdin.write(b"".join(product_commands(number) for number in range(start, min(start + 10_000, count))))
    output, _ = pipe.communicate()
    if b"errors: 0" not in output:
        raise RuntimeError(f"redis-cli --pipe: {output.decode()}")


def rewrite_append_only_file(stack):
    """Now, or Redis would do it by itself as soon as the file has doubled: in the middle of a measurement."""
    wait_for(lambda: rewrites(stack) == (0, 0), "Redis to be done with its own rewrite", REWRITE_SECONDS)
    stack.redis("BGREWRITEAOF")
    wait_for(lambda: rewrites(stack) == (0, 0), "Redis to rewrite its append-only file", REWRITE_SECONDS)


def rewrites(stack):
    """How many are under way, and how many are to come."""
    info = dict(line.split(":") for line in stack.redis("INFO", "persistence").splitlines() if ":" in line)
    return int(info["aof_rewrite_in_progress"]), int(info["aof_rewrite_scheduled"])


def product_commands(number):
    """What workers/products/lua/put_product.lua does."""
    name = f"{number:012}"
    fields = [word for field in ({"id": name, "title": "The Odyssey"} | INT_FIELDS).items() for word in field]
    return command("HSET", f"products:{name}", *fields) + command("ZADD", "product_index", "0", name)


def command(*words):
    """In Redis's protocol, RESP."""
    return (f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words)).encode()


def psql(stack, script):
    output_of(PSQL, "-X", "-h", stack.run_dir / "postgres", "-U", "postgres", "airship", stdin=script, seconds=600)
