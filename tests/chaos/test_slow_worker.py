"""A worker that is slow with its record until the reconciler takes it for dead: whoever is first, stock moves once.

The record is held back by locks of the tests' own in PostgreSQL.
"""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from lone_programs import LoneProgram, lone_worker
from order_writes import KINDS, OrderWrite
from shop.client import Client
from shop.stack import wait_for
from shop.stores import Postgres, reconciler_looks

WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%{}%'"
DONE = {"200", "204"}


@contextmanager
def slow_worker(shop, postgres_timeout="14000"):
    """Its statements may take almost as long as nginx waits, so that it is not their timeout that ends the race."""
    patience = dict.fromkeys(["POSTGRES_TIMEOUT_MS", "LOCK_TIMEOUT_MS"], postgres_timeout) | {
        "REDIS_TIMEOUT_MS": "14000"
    }
    with lone_worker(shop, **patience) as worker:
        # Prepares its statements, which the locks would hold back, too.
        assert Client(shop.port)("GET /orders").status == 200
        yield worker


@contextmanager
def held_back(shop, lock):
    """Holds what `lock` takes; the block ends that by calling what it is given."""
    session = Postgres(shop.run_dir / "postgres")
    session("BEGIN")
    session(lock)
    try:
        yield lambda: session("ROLLBACK")
    finally:
        session.close()


def before_the_movement(shop):
    """The record waits before it has recorded anything. The reconciler does not need this table."""
    return held_back(shop, "LOCK TABLE order_details IN SHARE MODE")


def after_the_movement(shop, write):
    """The record has inserted its movement, and waits before its transaction ends."""
    if write.kind == "create with a key":
        return held_back(shop, "INSERT INTO idempotency_keys (key, body_sha256, order_id) VALUES ('a-key', '', 0)")
    return held_back(shop, "SELECT FROM order_details FOR UPDATE")


def wait_for_lock(shop, statement):
    """Until a statement with this in it waits for a lock; gives the pid of its backend."""
    return wait_for(lambda: shop.postgres(WAITING.format(statement)), f"{statement} waits for a lock")[0][0]


@contextmanager
def sent(write):
    """Gives what will be the answer."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(write.send)


def assert_not_done(answer):
    assert answer.outcome == "503 SERVICE_UNAVAILABLE"
    assert "othing was changed" in answer.json["message"]


@pytest.mark.logs("503: ")
@pytest.mark.parametrize("kind", KINDS)
def test_the_reconciler_is_first(shop, books, kind):
    """It cancels the movement; the record, when it comes, fails."""
    write = OrderWrite(kind, shop, books)
    with slow_worker(shop), before_the_movement(shop) as let_go, sent(write) as answer:
        wait_for_lock(shop, "INSERT INTO stock_movements")
        books.settle()
        let_go()
        assert_not_done(answer.result())
    assert books.faults() == []
    assert write.orders() == write.expected(0)
    write.again(0)
    assert books.faults() == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_worker_is_first_and_then_asleep(shop, books, kind):
    """It wakes when the reconciler has confirmed what it has recorded, and confirms it again."""
    write = OrderWrite(kind, shop, books)
    with slow_worker(shop) as worker, before_the_movement(shop) as let_go, sent(write) as answer:
        wait_for_lock(shop, "INSERT INTO stock_movements")
        recorded = len(books.recorded())
        os.kill(worker.process.pid, signal.SIGSTOP)
        let_go()
        wait_for(lambda: len(books.recorded()) > recorded, "the record")
        books.settle()
        os.kill(worker.process.pid, signal.SIGCONT)
        assert answer.result().outcome in DONE
    assert books.faults() == []
    assert write.orders() == write.expected(1)


@pytest.mark.logs("503: ")
@pytest.mark.parametrize("kind", KINDS)
def test_the_reconciler_is_first_and_the_worker_asleep(shop, books, kind):
    """It wakes when all is over, finds its record refused, and releases what has been released."""
    write = OrderWrite(kind, shop, books)
    with slow_worker(shop) as worker, before_the_movement(shop) as let_go, sent(write) as answer:
        backend = wait_for_lock(shop, "INSERT INTO stock_movements")
        os.kill(worker.process.pid, signal.SIGSTOP)
        books.settle()
        let_go()
        idle = f"SELECT pid FROM pg_stat_activity WHERE pid = {backend} AND state = 'idle'"
        wait_for(lambda: shop.postgres(idle), "the record is refused")
        os.kill(worker.process.pid, signal.SIGCONT)
        assert_not_done(answer.result())
    assert books.faults() == []
    assert write.orders() == write.expected(0)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "create"])
def test_the_reconciler_waits_for_a_record_that_comes_to_its_end(shop, books, kind):
    write = OrderWrite(kind, shop, books)
    with slow_worker(shop), after_the_movement(shop, write) as let_go, sent(write) as answer:
        wait_for_lock(shop, "INSERT INTO stock_movements (id, order_id")
        books.age_notes()
        wait_for_lock(shop, "cancelled")
        assert books.notes() == 1
        let_go()
        assert answer.result().outcome in DONE
    books.wait_until_settled()
    assert books.faults() == []
    assert write.orders() == write.expected(1)


@pytest.mark.logs("503: .*postgres: ")
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "create"])
def test_the_reconciler_waits_for_a_record_that_is_rolled_back(shop, books, kind):
    write = OrderWrite(kind, shop, books)
    with slow_worker(shop), after_the_movement(shop, write) as let_go, sent(write) as answer:
        backend = wait_for_lock(shop, "INSERT INTO stock_movements (id, order_id")
        books.age_notes()
        wait_for_lock(shop, "cancelled")
        shop.postgres(f"SELECT pg_terminate_backend({backend})")
        assert answer.result().outcome == "503 SERVICE_UNAVAILABLE"
        assert "othing was changed" not in answer.result().json["message"]
        books.wait_until_settled()
        let_go()
    assert books.faults() == []
    assert write.orders() == write.expected(0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_movement_that_is_not_overdue_is_left_to_its_worker(shop, books, kind):
    write = OrderWrite(kind, shop, books)
    with slow_worker(shop), before_the_movement(shop) as let_go, sent(write) as answer:
        wait_for_lock(shop, "INSERT INTO stock_movements")
        rounds = reconciler_looks(shop.redis)
        wait_for(lambda: reconciler_looks(shop.redis) >= rounds + 3, "the reconciler looks at it")
        assert books.notes() == 1
        let_go()
        assert answer.result().outcome in DONE
    assert books.faults() == []
    assert write.orders() == write.expected(1)


# What the worker asks PostgreSQL last before its record; the first is what slow_worker has asked.
LAST_STATEMENT = {
    "create": "FROM orders",
    "create with a key": "JOIN idempotency_keys",
    "update": "FROM orders o",
    "delete": "FROM orders o",
}


@contextmanager
def sent_while_redis_is_frozen(shop, write):
    """Gives the answer to come, and the backend of the worker, which goes on to its record when the block ends."""
    newest = "SELECT pid FROM pg_stat_activity WHERE query LIKE '%FROM orders%' AND pid <> pg_backend_pid()"
    ((backend,),) = shop.postgres(f"{newest} ORDER BY backend_start DESC LIMIT 1")
    idle = f"SELECT pid FROM pg_stat_activity WHERE pid = {backend} AND state = 'idle'"
    has_asked = f"{idle} AND query LIKE '%{LAST_STATEMENT[write.kind]}%'"
    pool = ThreadPoolExecutor(1)
    with shop.frozen("redis"):
        answer = pool.submit(write.send)
        pool.shutdown(wait=False)
        wait_for(lambda: shop.postgres(has_asked), "the worker is about to record")
        yield answer, backend


@pytest.mark.may_log("cannot reconcile: redis: ")  # It looks while Redis is frozen.
@pytest.mark.logs("503: ")
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "create"])
def test_a_worker_that_has_lost_its_lock(shop, books, kind):
    """It has read an order that another one changes, or found a key unused that another one uses, and records."""
    write = OrderWrite(kind, shop, books)
    with slow_worker(shop) as worker:
        with sent_while_redis_is_frozen(shop, write) as (answer, backend):
            os.kill(worker.process.pid, signal.SIGSTOP)
        shop.postgres(f"SELECT pg_terminate_backend({backend}, 20000)")
        with lone_worker(shop):
            changed = write.change_otherwise()
        os.kill(worker.process.pid, signal.SIGCONT)
        if write.kind == "create with a key":
            assert "there will be one order" in answer.result().json["message"]
        else:
            assert_not_done(answer.result())
    assert books.faults() == []
    assert write.orders() == changed


@pytest.mark.may_log("cannot reconcile: redis: ")  # It looks while Redis is frozen.
@pytest.mark.logs("503: .*postgres: no answer in time")
@pytest.mark.parametrize("is_cancelled", [False, True], ids=["recorded late", "cancelled before"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_record_of_which_the_worker_hears_nothing(shop, books, kind, is_cancelled):
    """Its backend sleeps; when it wakes, the worker has long said that it does not know."""
    write = OrderWrite(kind, shop, books)
    with slow_worker(shop, "1500"):
        with sent_while_redis_is_frozen(shop, write) as (answer, backend):
            os.kill(backend, signal.SIGSTOP)
        try:
            assert answer.result().outcome == "503 SERVICE_UNAVAILABLE"
            assert "othing was changed" not in answer.result().json["message"]
            assert books.notes() == 1
            if is_cancelled:
                books.settle()
        finally:
            os.kill(backend, signal.SIGCONT)
        ended = f"SELECT pid FROM pg_stat_activity WHERE pid = {backend}"
        wait_for(lambda: not shop.postgres(ended), "the backend has done what it was asked")
    books.settle()
    assert books.faults() == []
    assert write.orders() == write.expected(0 if is_cancelled else 1)


@pytest.mark.logs("upstream prematurely closed connection")
@pytest.mark.parametrize("kind", KINDS)
def test_a_second_reconciler_does_no_harm(shop, books, kind):
    write = OrderWrite(kind, shop, books)
    second = LoneProgram(shop, "reconciler", "orders-reconciler", RECONCILER_INTERVAL_MS="10")
    try:
        for step, is_recorded in (("after reserve", 0), ("after record", 1)):
            with lone_worker(shop, FAULT_POINT=step) as worker:
                write.send()
                worker.wait_for_crash()
            books.settle()
            assert books.faults() == []
            assert write.orders() == write.expected(is_recorded)
    finally:
        second.end()
