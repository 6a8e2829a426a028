"""What goes on beside a test."""

import threading
from concurrent.futures import ThreadPoolExecutor

CLIENTS = 8


class Background:
    """In its `with` block the jobs run, each in a thread of its own. The end of the block sets `stopping`, which they must
    look at, waits for them, and raises what one of them has raised."""

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
    """What `count` threads get from work(number), all failures included."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))
