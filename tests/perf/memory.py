"""make memory: the private memory of a worker after REQUESTS requests, and whether it grows.

Each pool has one worker, which serves all requests: each kind in turn.
"""

from concurrent.futures import ThreadPoolExecutor

import report
from bench import OPERATIONS, WALKED, kind_of
from perf_stack import end_in_order_on_sigterm, number_setting, progress, started_shop
from processes import private_bytes
from sample import wrk
from stores import fill

MIB = 1 << 20
FLOOR = 12 * MIB
SECONDS = 2  # For each turn.
GROWTH = MIB // 4  # At most, from half way to the end: half a byte for each of half a million requests.

# Fewer writes than reads, because writes wait for the disk.
TURNS = {
    "products": ["get-product", "get-product", "get-product", "post-product"],
    "orders": ["get-order", "list-orders-miss", "get-order", "post-order"],
}


class Worker:
    """The only worker of a pool, and its memory after certain numbers of requests."""

    def __init__(self, stack, pool):
        self._stack = stack
        self.pool = pool
        self.requests = 0
        self.held = []  # (requests, bytes)
        self._turn = 0

    def pid(self):
        (pid,) = self._stack.worker_pids(self.pool)
        return pid

    def serve_all(self, requests):
        """Measures the memory at the start, half way, and at the end."""
        for part in (0, requests // 2, requests):
            self._serve(part)
            self.held.append((self.requests, private_bytes(self.pid())))

    def _serve(self, requests):
        """Sends requests until the worker has served `requests`. Fails if the process is replaced."""
        pid = self.pid()
        while self.requests < requests:
            name = TURNS[self.pool][self._turn % len(TURNS[self.pool])]
            sample = wrk(f"http://127.0.0.1:{self._stack.port}", SECONDS, *kind_of(name))
            self.requests += sample.requests
            self._turn += 1
            held = f"{private_bytes(pid) / MIB:.2f} MiB"
            progress(f"{self.pool}-worker: {self.requests:>9,} requests  {held}  {OPERATIONS[name].title}")
        if pid != self.pid():
            raise RuntimeError(f"the {self.pool}-worker has died")


def result_rows(workers):
    for worker in workers:
        sizes = [size for _, size in worker.held]
        good = sizes[-1] < FLOOR and sizes[-1] - sizes[-2] <= GROWTH
        yield {
            "worker": f"{worker.pool}-worker",
            **{
                f"MiB {when}": f"{size / MIB:.2f}"
                for when, size in zip(("at the start", "half way", "at the end"), sizes)
            },
            "requests": f"{worker.requests:,}",
            "MiB at most": FLOOR // MIB,
            "": "pass" if good else "below",
        }


def main():
    end_in_order_on_sigterm()
    requests = number_setting("REQUESTS", 1_000_000)
    with started_shop(PRODUCTS_WORKERS="1", ORDERS_WORKERS="1", EDGE_CACHE="off") as stack:
        fill(stack, WALKED)
        workers = [Worker(stack, pool) for pool in TURNS]
        with ThreadPoolExecutor() as threads:
            list(threads.map(lambda worker: worker.serve_all(requests), workers))  # list() raises what a thread raised.
    page = report.Page("memory", "The memory of a worker")
    page.text("What is the process's alone (Private_* in /proc/PID/smaps_rollup).")
    page.table("Private memory", result_rows(workers))
    page.json({worker.pool: [{"requests": n, "private_bytes": size} for n, size in worker.held] for worker in workers})
    page.write()


if __name__ == "__main__":
    main()
