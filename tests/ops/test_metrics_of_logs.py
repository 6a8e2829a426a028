"""What ops/metrics.sh reads of the logs: each line once, whatever becomes of the log meanwhile."""

import itertools
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from metrics_files import REQUESTS, grown
from shop.client import Client
from shop.stack import wait_for


def test_a_log_that_is_rotated(shop, metrics):
    """As logrotate does it with `create`: nginx may make no file in that folder."""
    api = Client(shop.port)
    before = metrics.collect()
    log = shop.run_dir / "log/nginx-access.log"
    api("GET /products")
    wait_for(lambda: '"route":"/products"' in log.read_text().splitlines()[-1], "the request is logged")
    owner = log.stat()
    log.rename(log.with_suffix(".log.1"))
    log.touch(mode=0o600)
    os.chown(log, owner.st_uid, owner.st_gid)
    os.kill(shop.pid("nginx"), signal.SIGUSR1)
    sent = 1

    def is_in_use():
        nonlocal sent
        sent += api("GET /products").status == 200
        return log.read_text()

    wait_for(is_in_use, "the new log is in use")
    seen = grown(before, metrics.collect(), REQUESTS)
    assert {labels[:3] for labels in seen} == {("/products", "GET", "200")} and sum(seen.values()) == sent


def test_a_log_that_is_cut(shop, metrics):
    api = Client(shop.port)
    log = shop.run_dir / "log/nginx-access.log"
    api("GET /redoc")
    wait_for(lambda: log.read_text().endswith('"uri":"/redoc"}\n'), "the request is logged")
    before = metrics.collect()
    os.truncate(log, 0)
    api("GET /docs")
    wait_for(lambda: '"uri":"/docs"' in log.read_text(), "the request is logged")
    seen = grown(before, metrics.collect_now(), REQUESTS)  # collect() might make the log as long as it was.
    assert {labels[:3] for labels in seen} == {("/docs", "GET", "200")} and sum(seen.values()) == 1


@pytest.mark.parametrize("lines", [0, 1])
def test_a_place_that_was_lost(shop, metrics, lines):
    """The log is read from its beginning."""
    Client(shop.port)("GET /docs")
    before = metrics.collect()
    log = (shop.run_dir / "log/nginx-access.log").read_text().splitlines()
    logged = sum('"route":"/health"' not in line for line in log)
    place = metrics.folder / "state/nginx-access.log.offset"
    place.write_text("".join(place.read_text().splitlines(keepends=True)[:lines]))
    assert sum(grown(before, metrics.collect(), REQUESTS).values()) == logged > 0


def test_lines_that_come_while_others_are_counted(shop, metrics):
    """Each is counted once."""
    Client(shop.port)("GET /redoc")
    log = shop.run_dir / "log/nginx-access.log"
    wait_for(lambda: log.read_text().endswith('"uri":"/redoc"}\n'), "the request is logged")
    (*_, line) = log.read_text().splitlines(keepends=True)
    before = metrics.collect()

    enough = threading.Event()

    def append():
        with log.open("a", buffering=1) as file:
            for count in itertools.count():
                if enough.wait(0.0002):
                    return count
                file.write(line)

    with ThreadPoolExecutor(1) as pool:
        appending = pool.submit(append)
        for _ in range(2):
            metrics.collect()
        enough.set()
    assert sum(grown(before, metrics.collect(), REQUESTS).values()) == appending.result()
