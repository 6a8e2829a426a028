"""Work that runs in threads beside a test."""

import threading
from concurrent.futures import ThreadPoolExecutor

CLIENTS = 8


class Background:
    """Runs each job in a thread of its own during the `with` block. The end of the block sets `stopping`, which each
    job must look at, waits for the jobs, and raises what one of them has raised."""

    def __init__(self, jobs):
        self.stopping = threading.Event()
        self._jobs = jobs

    def __enter__(self):
        self._threads = ThreadPoolExecutor(len(self._jobs))
        self._running = [self._threads.submit(job) for job in self._jobs]
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self._threads.shutdown()
        for job in self._running:
            job.result()


def at_once(work, count=CLIENTS):
    """Calls work(number) in `count` threads at once. Returns the results in order; raises the first failure."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))
