"""make bench: the shop compared with the limits of its own parts, in turns in one run. docs/performance.md explains it.

Each measurement runs ROUNDS times for SECONDS; the report has medians. OPERATIONS="get-product post-order" measures
these only. The settings of `make up` apply, also PRODUCTS_WORKERS and ORDERS_WORKERS.
"""

import os
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from statistics import median
from typing import NamedTuple

import report
from limits import Limits
from perf_stack import ask, end_in_order_on_sigterm, number_setting, progress, started_shop
from processes import cpu_seconds, sync_seconds
from redis_limits import RedisLimit
from sample import CONNECTIONS, Sample, medians, pgbench, script_of_statement, wrk
from stores import fill

STORED = 1000  # Products and orders that are asked for at random.
WALKED = 100_000  # Those that are stored. Who asks for one after the other meets none again within a second.

# For pgbench: inserts an order with one detail. Movement ids begin with the time in ms, like the shop's (UUIDv7): the
# reconciler would purge old ones.
NUMBERS = r"""
\set n :n + 1
\set product random(0, :stored - 1)
\set time :started + :n / 8
\set rest :n * 64 + :client_id
"""
PRODUCT = "lpad(:product::text, 12, '0')"
MOVEMENT = "(lpad(to_hex(:time::bigint), 12, '0') || '70008' || lpad(:rest::text, 15, '0'))"
NEW_ORDER = [MOVEMENT, f"ARRAY[{PRODUCT}]", "ARRAY[100000.99]", "ARRAY[1]", "NULL", "NULL"]


class Operation(NamedTuple):
    title: str
    limit: str  # The limit that the shop is compared with.
    floor: float  # The least ratio of the shop to that limit.
    stack: str = "shop"


OPERATIONS = {
    "get-product": Operation("GET /products/{id}, cold", "null worker", 0.75),
    "get-order": Operation("GET /orders/{id}, cold, 1 detail", "null worker", 0.60),
    "get-product-cold": Operation("GET /products/{id}, cold", "uncached shop", 0.95),
    "get-order-cold": Operation("GET /orders/{id}, cold, 1 detail", "uncached shop", 0.95),
    "get-product-hot": Operation("GET /products/{id}, hot", "file", 0.85),
    "get-order-hot": Operation("GET /orders/{id}, hot, 1 detail", "file", 0.75),
    "list-products-hit": Operation("GET /products, hit, 100 products", "file", 0.85),
    "post-product": Operation("POST /products", "null worker", 0.50),
    "list-orders-hit": Operation("GET /orders, hit, 100 orders", "file", 0.75),
    "list-orders-miss": Operation("GET /orders, miss, 100 orders", "pgbench", 0.40, stack="uncached shop"),
    "post-order": Operation("POST /orders, 1 detail", "pgbench", 0.40),
}


class Shops:
    """The stacks that are measured, and the limits."""

    def __init__(self, resources, names):
        self.resources = resources
        self.stacks = {"shop": self._start()}
        if {"list-orders-miss", "get-product-cold", "get-order-cold"} & set(names):
            self.stacks["uncached shop"] = self._start(EDGE_CACHE="off")
        answers = {name: self._answer(name) for name in names}
        self.limits = resources.enter_context(Limits(self.shop, answers))

    @property
    def shop(self):
        return self.stacks["shop"]

    def url(self, stack):
        return f"http://127.0.0.1:{self.stacks[stack].port}"

    def caches(self):
        """The X-Cache of each shop's second answer of two."""
        answers = {name: [ask(stack, "GET /orders") for _ in range(2)] for name, stack in self.stacks.items()}
        return {name: second.headers["X-Cache"] or "no cache" for name, (_, second) in answers.items()}

    def _start(self, **settings):
        stack = self.resources.enter_context(started_shop(**settings))
        fill(stack, WALKED)
        return stack

    def _answer(self, name):
        """The body of the shop's answer. Nothing is written to the shop to get it."""
        if name == "post-product":
            return b'{"id":"new-0123456789abcdef-12345"}'
        if name == "post-order":
            return b'{"id":12345}'
        return ask(self.stacks[OPERATIONS[name].stack], f"GET {path_of(name)}").body


def path_of(name):
    """What the reading operation asks for, or one of that."""
    collection = "/products" if "product" in name else "/orders"
    if name.startswith("list-"):
        return collection
    return f"{collection}/000000000000" if "product" in name else f"{collection}/1"


def kind_of(name):
    """The operation's name in requests.lua, with its arguments."""
    if name.startswith("list-") or name.endswith("-hot"):
        return [path_of(name)]
    if name.startswith("get-"):
        return ["walk-products" if "product" in name else "walk-orders", WALKED]
    return [name, STORED, f"{time.time_ns() // 1000:x}"]


def comparisons(shops, name, seconds):
    """The limits of an operation, by name: functions that measure them."""
    found = {}
    if name.endswith("-cold"):
        return {"uncached shop": lambda: wrk(shops.url("uncached shop"), seconds, *kind_of(name))}
    if not name.startswith("list-") and not name.endswith("-hot"):
        found["null worker"] = lambda: wrk(shops.limits.null_url(name), seconds, *kind_of(name))
        found["redis-benchmark"] = RedisLimit(shops.shop, name, STORED, seconds).measure
    if not name.startswith("post-"):
        found["file"] = lambda: wrk(shops.limits.file_url(), seconds, f"/files/{name}")
    if name == "list-orders-miss":
        page = shops.resources.enter_context(script_of_statement("list_orders", ":after", ":limit", ":details"))
        postgres = shops.stacks["uncached shop"].run_dir / "postgres"
        found["pgbench"] = lambda: pgbench(postgres, page.name, seconds, after=0, limit=100, details=20_000)
    if name == "post-order":
        insert = shops.resources.enter_context(script_of_statement("create_order", *NEW_ORDER, before=NUMBERS))
        postgres = shops.shop.run_dir / "postgres"
        found["pgbench"] = lambda: pgbench(
            postgres, insert.name, seconds, n=0, stored=STORED, started=time.time_ns() // 1_000_000
        )
    return found


class Bench:
    def __init__(self, shops, names, seconds):
        self._shops = shops
        self._seconds = seconds
        self.samples = defaultdict(list)  # By operation and "shop" or the name of a limit.
        self.cpu = {name: defaultdict(list) for name in names}  # By operation and part: microseconds per request.
        self.sync_us = []
        self._comparisons = {name: comparisons(shops, name, seconds) for name in names}

    def run(self, rounds):
        for number in range(1, rounds + 1):
            self.sync_us.append(sync_seconds(self._shops.shop.run_dir / "log") * 1e6)
            for name in self._comparisons:
                self._round(f"round {number} of {rounds}", name)

    def _round(self, label, name):
        measurements = {"shop": lambda: self._measure_shop(name)} | self._comparisons[name]
        for what, measure in measurements.items():
            sample = measure()
            self.samples[name, what].append(sample)
            errors = f", {sample.errors} ERRORS" if sample.errors else ""
            rate = f"{sample.requests_per_second:>9,.0f}/s{errors}"
            progress(f"{label}: {OPERATIONS[name].title:<30} {what:<16} {rate}")

    def _measure_shop(self, name):
        stack = self._shops.stacks[OPERATIONS[name].stack]
        before = cpu_seconds(stack)
        sample = wrk(self._shops.url(OPERATIONS[name].stack), self._seconds, *kind_of(name))
        after = cpu_seconds(stack)
        for part, seconds in after.items():
            self.cpu[name][part].append((seconds - before[part]) * 1e6 / max(sample.requests, 1))
        return sample

    def result(self, name):
        """All results of an operation, as they are in the JSON."""
        operation = OPERATIONS[name]
        shop = medians(self.samples[name, "shop"])
        limits = {what: medians(self.samples[name, what]) for what in self._comparisons[name]}
        ratio = shop.requests_per_second / limits[operation.limit].requests_per_second
        return {
            "operation": operation.title,
            "shop": shop._asdict(),
            "limit": operation.limit,
            "ratio": ratio,
            "floor": operation.floor,
            "reached": ratio >= operation.floor and shop.errors == 0,
            "cpu_us": {part: median(values) for part, values in self.cpu[name].items()},
            "limits": {what: sample._asdict() for what, sample in limits.items()},
            "rounds": {what: [s.requests_per_second for s in self.samples[name, what]] for what in ["shop", *limits]},
        }


def result_rows(results):
    for result in results:
        shop, limit = (Sample(**numbers) for numbers in (result["shop"], result["limits"][result["limit"]]))
        yield {
            "operation": result["operation"],
            "requests/s": f"{shop.requests_per_second:,.0f}",
            "p50 ms": f"{shop.p50_ms:.2f}",
            "p99 ms": f"{shop.p99_ms:.2f}",
            "beside": result["limit"],
            "its requests/s": f"{limit.requests_per_second:,.0f}",
            "ratio": f"{result['ratio']:.2f}",
            "floor": f"{result['floor']:.2f}",
            "": "pass" if result["reached"] else "below",
            **{f"{part} µs": f"{us:.0f}" for part, us in result["cpu_us"].items()},
            "errors": shop.errors,
        }


def limit_rows(results):
    for result in results:
        measured = {"the shop": result["shop"]} | result["limits"]
        rates = {name: f"{numbers['requests_per_second']:,.0f}" for name, numbers in measured.items()}
        columns = ["the shop", "file", "uncached shop", "null worker", "redis-benchmark", "pgbench"]
        yield {"operation": result["operation"]} | {name: rates.get(name, "") for name in columns}


def chosen_operations():
    names = os.environ.get("OPERATIONS", "").split() or list(OPERATIONS)
    if unknown := set(names) - set(OPERATIONS):
        sys.exit(f"OPERATIONS must be of {' '.join(OPERATIONS)}, not {' '.join(sorted(unknown))}")
    return names


def main():
    end_in_order_on_sigterm()
    rounds, seconds = number_setting("ROUNDS", 7), number_setting("SECONDS", 2)
    names = chosen_operations()
    with ExitStack() as resources:
        shops = Shops(resources, names)
        workers = {pool: len(pids) for pool, pids in shops.shop.all_worker_pids().items()}
        caches = shops.caches()
        bench = Bench(shops, names, seconds)
        bench.run(rounds)
        results = [bench.result(name) for name in names]
    settings = {"rounds": rounds, "seconds": seconds, "workers": workers, "caches": caches, "sync_us": bench.sync_us}
    write(results, settings)


def write(results, settings):
    page = report.Page("bench", "The shop beside the limits of its parts")
    workers = ", ".join(f"{count} {pool}-workers" for pool, count in settings["workers"].items())
    page.text(
        f"Medians of {settings['rounds']} rounds in turns, {settings['seconds']} s each, by wrk with "
        f"{CONNECTIONS} connections; {workers}."
    )
    page.text(f"Each acknowledged write waits for the disk: {median(settings['sync_us']):,.0f} µs for 8 kB.")
    page.text("GET /orders: " + ", ".join(f"{state} in the {name}" for name, state in settings["caches"].items()) + ".")
    page.table("Requests per second, response times, CPU time of each part for a request", result_rows(results))
    page.table("Requests per second of everything that was measured", limit_rows(results))
    page.json(settings | {"results": results})
    page.write()


if __name__ == "__main__":
    main()
