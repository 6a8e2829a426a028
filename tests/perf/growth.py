"""make growth: the same operations with more and more data, which should make no difference.

SIZES are the numbers of products, and of orders, that are stored. There is a shop for each size. All run at the same
time and take turns, ROUNDS times for SECONDS each, so that other work of the machine affects all of them. Lists come
from the workers, not from the cache (EDGE_CACHE=off). A deep page begins after nine tenths of the data. A page is
measured only where it is full.
"""

import os
import sys
import time
from collections import defaultdict
from contextlib import ExitStack
from typing import Callable, NamedTuple

from tqdm import tqdm

import report
from chart import Axes, draw
from perf_stack import end_in_order_on_sigterm, number_setting, started_shop
from sample import CONNECTIONS, medians, wrk
from stores import fill, remove_new

FLOOR = 1.15  # The highest ratio of p50 with the most data to p50 with the least.

PAGE = 100  # Items, without a limit in the request.


class Operation(NamedTuple):
    arguments: Callable  # A function of the size that returns the arguments of requests.lua.
    least_size: int = 1  # It is measured where at least so much is stored.


OPERATIONS = {
    "GET /products/{id}": Operation(lambda stored: ["get-product", stored]),
    "GET /products, first page": Operation(lambda stored: ["list-products", stored], PAGE),
    "GET /products, deep page": Operation(
        lambda stored: ["list-products", stored, f"{stored * 9 // 10:012}"], 10 * PAGE
    ),
    "POST /products": Operation(lambda stored: ["post-product", stored, f"{time.time_ns() // 1000:x}"]),
    "GET /orders/{id}": Operation(lambda stored: ["get-order", stored]),
    "GET /orders, first page": Operation(lambda stored: ["list-orders", stored], PAGE),
    "GET /orders, deep page": Operation(lambda stored: ["list-orders", stored, stored * 9 // 10], 10 * PAGE),
    "POST /orders": Operation(lambda stored: ["post-order", stored]),
}


def sizes_setting():
    sizes = os.environ.get("SIZES", "").replace(",", " ").split() or [str(10**n) for n in range(1, 7)]
    if not all(size.isdecimal() and int(size) >= 10 for size in sizes):
        sys.exit(f"SIZES must be numbers from 10 on, not {' '.join(sizes)}")
    return sorted(map(int, sizes))


def measured_sizes(title, sizes):
    return [size for size in sizes if size >= OPERATIONS[title].least_size]


def filled_stack(resources, size):
    stack = resources.enter_context(started_shop(EDGE_CACHE="off"))
    fill(stack, size)
    return stack


def measure(stacks, rounds, seconds):
    """Samples by operation and size."""
    samples = defaultdict(list)
    turns = [(title, size) for _ in range(rounds) for title in OPERATIONS for size in measured_sizes(title, stacks)]
    for title, size in tqdm(turns, disable=None, unit=" measurements"):
        arguments = OPERATIONS[title].arguments(size)
        samples[title, size].append(wrk(f"http://127.0.0.1:{stacks[size].port}", seconds, *arguments))
        if title.startswith("POST"):
            remove_new(stacks[size], size)
    return {key: medians(values) for key, values in samples.items()}


def by_size(results, title, sizes):
    return {size: results[title, size] for size in measured_sizes(title, sizes)}


def cells(of_size, sizes, percentile):
    """A column for each size: the percentile, or nothing."""
    milliseconds = {size: f"{getattr(sample, f'{percentile}_ms'):.3f}" for size, sample in of_size.items()}
    return {f"{percentile} {short(size)}": milliseconds.get(size, "") for size in sizes}


def result_rows(results, sizes):
    for title in dict.fromkeys(title for title, _ in results):
        of_size = by_size(results, title, sizes)
        ratio = of_size[max(of_size)].p50_ms / of_size[min(of_size)].p50_ms
        errors = sum(sample.errors for sample in of_size.values())
        yield {
            "operation": title,
            **cells(of_size, sizes, "p50"),
            **cells(of_size, sizes, "p99"),
            "p50 most/least": f"{ratio:.2f}",
            "at most": FLOOR,
            "": "pass" if ratio <= FLOOR and not errors else "below",
            "errors": errors,
        }


def short(size):
    """1000 as 1k."""
    for unit, name in ((1_000_000, "M"), (1000, "k")):
        if size % unit == 0:
            return f"{size // unit}{name}"
    return str(size)


def write(results, sizes, settings):
    page = report.Page("growth", "Response times over what is stored")
    page.text(
        f"Medians of {settings['rounds']} rounds in turns, {settings['seconds']} s each, by wrk with "
        f"{CONNECTIONS} connections; as many orders stored as products."
    )
    page.table("Response times in ms, by how much is stored", result_rows(results, sizes))
    for percentile in ("p50", "p99"):
        lines = defaultdict(list)
        for (title, size), sample in results.items():
            lines[title].append((size, getattr(sample, f"{percentile}_ms")))
        ticks = tuple((f"{size:,}", size) for size in sizes)
        axes = Axes("products and orders stored", f"{percentile}, ms", log_x=True, x_ticks=ticks)
        draw(page.folder / f"{percentile}.svg", axes, lines, points=True)
        page.chart(f"{percentile} over what is stored", f"{percentile}.svg")
    document = [{"operation": title, "stored": size, **sample._asdict()} for (title, size), sample in results.items()]
    page.json(settings | {"results": document})
    page.write()


def main():
    end_in_order_on_sigterm()
    rounds, seconds, sizes = number_setting("ROUNDS", 5), number_setting("SECONDS", 1), sizes_setting()
    with ExitStack() as resources:
        stacks = {size: filled_stack(resources, size) for size in tqdm(sizes, disable=None, unit=" shops filled")}
        results = measure(stacks, rounds, seconds)
    write(results, sizes, {"rounds": rounds, "seconds": seconds})


if __name__ == "__main__":
    main()
