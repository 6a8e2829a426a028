"""A request that takes longer than SLOW_REQUEST_MS is logged once, with where its time went."""

import json
import signal
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from shop.client import Client
from shop.fixtures import PATIENCE, shared_stack
from shop.full_queue import queue_length
from shop.samples import make_order, make_product
from shop.stack import signal_tree, wait_for
from shop.stores import Postgres

LIMIT_MS = 1000
HELD_SECONDS = 1.2  # How long a test holds a request up.
LOCKS = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%order_details%'"


# Whatever the tests hold up has time enough to go on. One worker of a kind, which is connected to its stores before a
# test holds it up.
patient_stack = shared_stack(PRODUCTS_WORKERS="1", ORDERS_WORKERS="1", SLOW_REQUEST_MS=str(LIMIT_MS), **PATIENCE)


@pytest.fixture
def shop(patient_stack):
    patient_stack.wipe()
    make_product(Client(patient_stack.port))
    return patient_stack


def lines_about(stack, pool, request_id):
    lines = [line for line in (stack.run_dir / f"log/{pool}.log").read_text().splitlines() if request_id in line]
    return [json.loads(line) for line in lines]


def slow_line(stack, pool, request_id):
    """The one line of the event request_slow. The line comes after the answer."""

    def slow():
        return [line for line in lines_about(stack, pool, request_id) if line["event"] == "request_slow"]

    (line,) = wait_for(slow, f"{request_id} is logged as slow")
    assert line["level"] == "warning" and line["part"] == pool
    return line


def calls(line):
    return {(call["store"], call["call"]): call for call in line["calls"]}


def assert_adds_up(line):
    parts = line["queue_us"] + line["receive_us"] + sum(call["us"] for call in line["calls"])
    assert parts + line["own_us"] + line["answer_us"] == line["total_us"]
    assert line["own_us"] >= 0 and line["total_us"] > LIMIT_MS * 1000


@contextmanager
def sent(stack, request):
    """Sends a request in a thread. Yields its id, and the future of its answer."""
    request_id = f"slow-{uuid.uuid4()}"
    with ThreadPoolExecutor(1) as pool:
        yield request_id, pool.submit(Client(stack.port), request, None, {"X-Request-ID": request_id})


def hold(is_waiting):
    """Waits until the request waits, and then for the time that it is held up."""
    wait_for(is_waiting, "the request waits")
    time.sleep(HELD_SECONDS)


def test_a_lock_in_postgres(shop):
    """The worker's statement waits for the test's lock."""
    order_id = make_order(Client(shop.port))
    session = Postgres(shop.run_dir / "postgres")
    session("BEGIN")
    session("LOCK TABLE order_details")
    with sent(shop, f"GET /orders/{order_id}") as (request_id, answer):
        hold(lambda: shop.postgres(LOCKS))
        session("ROLLBACK")
        assert answer.result().status == 200
    session.close()
    line = slow_line(shop, "orders", request_id)
    assert (line["method"], line["path"], line["status"]) == ("GET", f"/orders/{order_id}", 200)
    assert_adds_up(line)
    found = calls(line)
    assert found.keys() == {("postgres", "get_order"), ("redis", "read")}
    assert found["postgres", "get_order"]["us"] >= HELD_SECONDS * 1e6
    assert found["postgres", "get_order"]["count"] == found["redis", "read"]["count"] == 1


def test_the_queue_of_the_pool(shop):
    """All workers are frozen. nginx has sent the requests, and nobody takes them."""
    with shop.frozen("products"), sent(shop, "GET /products/the_odyssey") as (request_id, answer):
        hold(lambda: queue_length(shop.run_dir / "products.sock"))
        signal_tree(shop.pid("products"), signal.SIGCONT)
        assert answer.result().status == 200
    line = slow_line(shop, "products", request_id)
    assert line["queue_us"] >= HELD_SECONDS * 1e6
    assert_adds_up(line)


def test_a_frozen_redis(shop):
    with shop.frozen("redis"), sent(shop, "GET /products/the_odyssey") as (request_id, answer):
        hold(lambda: True)
        signal_tree(shop.pid("redis"), signal.SIGCONT)
        assert answer.result().status == 200
    line = slow_line(shop, "products", request_id)
    assert calls(line).keys() == {("redis", "read")}
    assert calls(line)["redis", "read"]["us"] > LIMIT_MS * 1000
    assert_adds_up(line)


def test_a_fast_request_is_not_slow(shop):
    with sent(shop, "GET /products/the_odyssey") as (request_id, answer):
        assert answer.result().status == 200
    # The worker logs a slow request once it is answered, and before it takes the next one.
    shop.end_workers("products")
    (line,) = lines_about(shop, "products", request_id)
    assert line["event"] == "request"
