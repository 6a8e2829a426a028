"""An exception in a worker, as when memory runs out: the worker goes on, and its locks are free.

It is thrown once, at a fault point (workers/common/fault_point.h).
"""

import pytest

from lone_programs import lone_worker
from order_writes import KINDS, OrderWrite
from shop.client import Client
from shop.samples import show_order

pytestmark = pytest.mark.logs("bad_alloc")

# Whether the write has been recorded at that step.
STEPS = {"before reserve": False, "after reserve": False, "after record": True, "after confirm": True}


def exceptions(shop):
    """The number of exceptions in the logs."""
    return sum("bad_alloc" in line for line in shop.log_lines())


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", KINDS)
def test_an_exception_in_a_write(shop, books, kind, step):
    write, times, before = OrderWrite(kind, shop, books), int(STEPS[step]), exceptions(shop)
    with lone_worker(shop, FAULT_EXCEPTION=step) as worker:
        answer = write.send()
        assert answer.outcome == "503 SERVICE_UNAVAILABLE"
        assert "othing was changed" not in answer.json["message"]
        assert exceptions(shop) == before + 1
        with lone_worker(shop):  # It would wait for a lock that the other one holds.
            write.again(times)
        assert write.orders() == write.expected(times + 1)
        assert worker.process.poll() is None
    books.settle()
    assert books.faults() == []


def test_an_exception_between_two_replies_of_redis(shop, books):
    """The worker does not take the unread replies for those to its next request."""
    write = OrderWrite("create", shop, books)
    (order_id,) = [order["id"] for order in Client(shop.port)("GET /orders").json]
    with lone_worker(shop, FAULT_EXCEPTION="after reply") as worker:
        api = Client(shop.port)
        assert api(f"GET /orders/{order_id}").outcome == "500 UNEXPECTED_ERROR"
        for _ in range(2):
            details = show_order(api, order_id)["order_details"]
            assert [detail["product"]["id"] for detail in details] == ["ship", "boat"]
        write.again(0)
        assert worker.process.poll() is None
    books.settle()
    assert books.faults() == []


@pytest.mark.logs("upstream prematurely closed connection")
def test_an_exception_before_the_answer(shop, books):
    """The worker ends: its supervisor starts another one. nginx answers that the write may have been done."""
    write = OrderWrite("create with a key", shop, books)
    with lone_worker(shop, FAULT_EXCEPTION="before answer") as worker:
        answer = write.send()
        assert answer.outcome == "503 SERVICE_UNAVAILABLE"
        assert "there will be one order" in answer.json["message"]
        assert worker.process.wait(20) == 1
    write.again(1)
    books.settle()
    assert books.faults() == []
