"""make why: the commands that the Python shop sent to its stores, compared with this shop's, with more and more data.

It sends these commands only, by one client, without RPC and without parsing answers. So each cause in
docs/performance.md has cost the Python shop at least this much.
"""

import tempfile
import time
from pathlib import Path
from statistics import median

import report
from perf_stack import end_in_order_on_sigterm, progress, started_shop
from sample import PGBENCH, output_of, parse_pgbench
from stores import fill

SIZES = [600, 10_000, 100_000]
TIMES = 5
PGBENCH_SECONDS = 1

# The only index of its order_details was that of the primary key: PostgreSQL makes none for a foreign key.
AS_ITS_TABLES = "DROP INDEX order_details_order_id_id;"
AS_OUR_TABLES = "CREATE INDEX order_details_order_id_id ON order_details (order_id, id);"

DETAILS = "\\set id random(1, {stored})\nSELECT * FROM order_details WHERE order_id = :id;"
ALL_ORDERS = "SELECT o.*, d.* FROM orders o LEFT JOIN order_details d ON d.order_id = o.id;"
OFFSET_PAGE = "SELECT * FROM orders ORDER BY id OFFSET {deep} LIMIT 100;"
KEYSET_PAGE = "SELECT * FROM orders WHERE id > {deep} ORDER BY id LIMIT 100;"


def all_products(stack):
    """The commands of StorageWrapper.list, which the Python shop calls for each order that is read or created."""
    for key in stack.redis.keys("products:*"):
        stack.redis.hgetall(key)


def one_product(stack):
    stack.redis.hmget("products:000000000007", "id", "title", "passenger_capacity", "maximum_speed", "in_stock")


def timed_ms(action):
    times = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        action()
        times.append((time.perf_counter() - begin) * 1000)
    return median(times)


def statement_ms(stack, statement, size):
    """The mean time of a prepared statement, with one client."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(statement.format(stored=size, deep=size * 9 // 10))
        file.flush()
        Path(file.name).chmod(0o644)
        where = [f"--host={stack.run_dir}/postgres", "--username=postgres", f"--file={file.name}", "airship"]
        output = output_of(*PGBENCH, f"--time={PGBENCH_SECONDS}", *where)
    return parse_pgbench(output).p50_ms


def costs(stack, size):
    """Milliseconds by command."""
    fill(stack, size)
    found = {
        "all products: KEYS, and HGETALL for each": timed_ms(lambda: all_products(stack)),
        "  here: HMGET of the order's one": timed_ms(lambda: one_product(stack)),
    }
    stack.postgres(AS_ITS_TABLES)
    found["an order's details, without an index"] = statement_ms(stack, DETAILS, size)
    stack.postgres(AS_OUR_TABLES)
    found["  here: with the index"] = statement_ms(stack, DETAILS, size)
    found["all orders with their details"] = statement_ms(stack, ALL_ORDERS, size)
    found["a deep page by OFFSET"] = statement_ms(stack, OFFSET_PAGE, size)
    found["  here: a deep page by key"] = statement_ms(stack, KEYSET_PAGE, size)
    return found


def main():
    end_in_order_on_sigterm()
    with started_shop() as stack:
        costs_of = {}
        for size in SIZES:
            progress(f"{size:,} products and orders")
            costs_of[size] = costs(stack, size)
    page = report.Page("why", "What made the Python shop slower as it ran")
    page.table("Milliseconds, with so many products and orders stored", rows(costs_of))
    page.json({"costs_ms": costs_of})
    page.write()


def rows(costs_of):
    for what in next(iter(costs_of.values())):
        yield {"asked for": what} | {f"{size:,}": f"{costs[what]:,.3f}" for size, costs in costs_of.items()}


if __name__ == "__main__":
    main()
