"""A process crashes after each single step of a write. The reconciler must put the stores in order.

Each step is a fault point at which the process kills itself (workers/common/fault_point.h).
"""

import pytest

from lone_programs import lone_reconciler, lone_worker
from order_writes import KINDS, OrderWrite

pytestmark = pytest.mark.logs("upstream prematurely closed connection")

# Whether the write has been recorded at that step.
WORKER_STEPS = {
    "before reserve": False,
    "after reserve": False,
    "after record": True,
    "after confirm": True,
    "before answer": True,
}
RECONCILER_STEPS = ("before settle", "after settle", "after finish")


def crash(shop, write, step):
    with lone_worker(shop, FAULT_POINT=step) as worker:
        answer = write.send()
        worker.wait_for_crash()
    assert answer.outcome == "503 SERVICE_UNAVAILABLE"
    # It may have been done: nginx cannot know.
    assert "othing was changed" not in answer.json["message"]


@pytest.mark.parametrize("step", WORKER_STEPS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_that_crashes(shop, books, kind, step):
    write, times = OrderWrite(kind, shop, books), int(WORKER_STEPS[step])
    crash(shop, write, step)
    assert books.pending() == (1 if step in ("after reserve", "after record") else 0)
    books.settle()
    assert books.faults() == []
    assert write.orders() == write.expected(times)
    write.again(times)
    assert books.faults() == []


@pytest.mark.parametrize("step", WORKER_STEPS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_client_that_tries_again_before_the_reconciler_has_run(shop, books, kind, step):
    write, times = OrderWrite(kind, shop, books), int(WORKER_STEPS[step])
    crash(shop, write, step)
    write.again(times)
    books.settle()
    assert books.faults() == []
    assert write.orders() == write.expected(times + 1)


@pytest.mark.parametrize("reconciler_step", RECONCILER_STEPS)
@pytest.mark.parametrize("worker_step", ["after reserve", "after record"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_reconciler_that_crashes(shop, books, kind, worker_step, reconciler_step):
    """The next reconciler finishes what it has begun."""
    write, times = OrderWrite(kind, shop, books), int(WORKER_STEPS[worker_step])
    crash(shop, write, worker_step)
    with lone_reconciler(shop, FAULT_POINT=reconciler_step) as reconciler:
        books.make_overdue()
        reconciler.wait_for_crash()
        assert books.pending() == (0 if reconciler_step == "after finish" else 1)
    books.wait_until_settled()
    assert books.faults() == []
    assert write.orders() == write.expected(times)
