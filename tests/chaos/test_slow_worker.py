"""A worker is so slow with its record that the reconciler takes it for dead. Whichever is first, the stock moves once.

The tests hold the record back by their own locks in PostgreSQL.
"""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest

from lone_programs import LoneProgram, lone_worker
from order_writes import KINDS, OrderWrite
from shop.client import Client
from shop.stack import freeze, wait_for
from shop.stores import Postgres, reconciler_looks

WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%{}%'"
DONE = {"200", "204"}


@contextmanager
def slow_worker(shop, postgres_timeout="14000"):
    """A worker whose statements may take almost as long as nginx waits, so that their timeout does not end the race."""
    patience = dict.fromkeys(["POSTGRES_TIMEOUT_MS", "LOCK_TIMEOUT_MS"], postgres_timeout) | {
        "REDIS_TIMEOUT_MS": "14000"
    }
    with lone_worker(shop, **patience) as worker:
        # It prepares its statements now: later the locks would hold that back, too.
        assert Client(shop.port)("GET /orders").status == 200
        yield worker


@contextmanager
def held_back(shop, lock):
    """Runs the statement `lock` in a transaction. Yields a function that ends the transaction, and with it the lock."""
    session = Postgres(shop.run_dir / "postgres")
    session("BEGIN")
    session(lock)
    try:
        yield lambda: session("ROLLBACK")
    finally:
        session.close()


def before_the_movement(shop):
    """The record waits before it has inserted anything. The reconciler does not use this table."""
    return held_back(shop, "LOCK TABLE orders IN SHARE MODE")


def after_the_movement(shop, write):
    """The record has inserted its movement, and waits before the end of its transaction."""
    if write.kind == "create with a key":
        return held_back(shop, "INSERT INTO idempotency_keys (key, body_sha256, order_id) VALUES ('a-key', '', 0)")
    return held_back(shop, "SELECT FROM order_details FOR UPDATE")


def wait_for_lock(shop, statement):
    """Waits until a statement that contains `statement` waits for a lock. Returns the pid of its backend."""
    return wait_for(lambda: shop.postgres(WAITING.format(statement)), f"{statement} waits for a lock")[0][0]


@contextmanager
def sent(write):
    """Sends the write in a thread. Yields the future of its answer."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(write.send)


def assert_not_done(answer):
    assert answer.outcome == "503 SERVICE_UNAVAILABLE"
    assert "othing was changed" in answer.json["message"]


@pytest.mark.logs("503: ")
@pytest.mark.parametrize("kind", KINDS)
def test_the_reconciler_is_first(shop, books, kind):
    """It cancels the movement. The record comes later and fails."""
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
def test_the_worker_is_first_and_then_frozen(shop, books, kind):
    """When it goes on, the reconciler has confirmed the movement. The worker confirms it again."""
    write = OrderWrite(kind, shop, books)
    with slow_worker(shop) as worker, before_the_movement(shop) as let_go, sent(write) as answer:
        wait_for_lock(shop, "INSERT INTO stock_movements")
        recorded = len(books.recorded())
        freeze(worker.process.pid)
        let_go()
        wait_for(lambda: len(books.recorded()) > recorded, "the record")
        books.settle()
        os.kill(worker.process.pid, signal.SIGCONT)
        assert answer.result().outcome in DONE
    assert books.faults() == []
    assert write.orders() == write.expected(1)


@pytest.mark.logs("503: ")
@pytest.mark.parametrize("kind", KINDS)
def test_the_reconciler_is_first_and_the_worker_frozen(shop, books, kind):
    """When the worker goes on, its record has been refused. It releases the movement, which is released already."""
    write = OrderWrite(kind, shop, books)
    with slow_worker(shop) as worker, before_the_movement(shop) as let_go, sent(write) as answer:
        backend = wait_for_lock(shop, "INSERT INTO stock_movements")
        freeze(worker.process.pid)
        books.settle()
        let_go()
        idle = f"SELECT pid FROM pg_stat_activity WHERE pid = {backend} AND state = 'idle'"
        wait_for(lambda: shop.postgres(idle), "the record is refused")
        os.kill(worker.process.pid, signal.SIGCONT)
        assert_not_done(answer.result())
    assert books.faults() == []
    assert write.orders() == write.expected(0)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "create"])
def test_the_reconciler_waits_for_a_record_that_is_committed(shop, books, kind):
    write = OrderWrite(kind, shop, books)
    with slow_worker(shop), after_the_movement(shop, write) as let_go, sent(write) as answer:
        wait_for_lock(shop, "INSERT INTO stock_movements (id, order_id")
        books.make_overdue()
        wait_for_lock(shop, "cancelled")
        assert books.pending() == 1
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
        books.make_overdue()
        wait_for_lock(shop, "cancelled")
        shop.postgres(f"SELECT pg_terminate_backend({backend})")
        assert answer.result().outcome == "503 SERVICE_UNAVAILABLE"
        assert "othing was changed" not in answer.result().json["message"]
        books.wait_until_settled()
        let_go()
    assert books.faults() == []
    assert write.orders() == write.expected(0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_reconciler_leaves_a_movement_that_is_not_overdue(shop, books, kind):
    write = OrderWrite(kind, shop, books)
    with slow_worker(shop), before_the_movement(shop) as let_go, sent(write) as answer:
        wait_for_lock(shop, "INSERT INTO stock_movements")
        rounds = reconciler_looks(shop.redis)
        wait_for(lambda: reconciler_looks(shop.redis) >= rounds + 3, "the reconciler looks at it")
        assert books.pending() == 1
        let_go()
        assert answer.result().outcome in DONE
    assert books.faults() == []
    assert write.orders() == write.expected(1)


# The worker's last statement before its record. A create without a key has none: its last one is slow_worker's.
LAST_STATEMENT = {
    "create": "FROM orders",
    "create with a key": "JOIN idempotency_keys",
    "update": "FROM orders WHERE id =",
    "delete": "FROM orders WHERE id =",
}


@contextmanager
def sent_while_redis_is_frozen(shop, write):
    """Yields the future of the answer, and the pid of the backend. After the block the worker goes on to its record."""
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


@pytest.mark.may_log("cannot reconcile: redis: ")  # The reconciler looks while Redis is frozen.
@pytest.mark.logs("503: ")
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "create"])
def test_a_worker_that_has_lost_its_lock(shop, books, kind):
    """It has read an order, or found a key unused. Meanwhile another worker changes the order or uses the key."""
    write = OrderWrite(kind, shop, books)
    with slow_worker(shop) as worker:
        with sent_while_redis_is_frozen(shop, write) as (answer, backend):
            freeze(worker.process.pid)
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


@pytest.mark.may_log("cannot reconcile: redis: ")  # The reconciler looks while Redis is frozen.
@pytest.mark.logs("503: .*postgres: no answer in time")
@pytest.mark.parametrize("is_cancelled", [False, True], ids=["recorded late", "cancelled before"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_record_after_the_worker_has_answered(shop, books, kind, is_cancelled):
    """The backend is frozen. When it goes on, the worker has answered long ago that the outcome is unknown."""
    write = OrderWrite(kind, shop, books)
    with slow_worker(shop, "1500"):
        with sent_while_redis_is_frozen(shop, write) as (answer, backend):
            freeze(backend)
        try:
            assert answer.result().outcome == "503 SERVICE_UNAVAILABLE"
            assert "othing was changed" not in answer.result().json["message"]
            assert books.pending() == 1
            if is_cancelled:
                books.settle()
        finally:
            os.kill(backend, signal.SIGCONT)
        ended = f"SELECT pid FROM pg_stat_activity WHERE pid = {backend}"
        wait_for(lambda: not shop.postgres(ended), "the backend finishes the record and ends")
    books.settle()
    assert books.faults() == []
    assert write.orders() == write.expected(0 if is_cancelled else 1)


@pytest.mark.logs("upstream prematurely closed connection")
@pytest.mark.parametrize("kind", KINDS)
def test_a_second_reconciler_does_no_harm(shop, books, kind):
    write = OrderWrite(kind, shop, books)
    with closing(LoneProgram(shop, "reconciler", "orders-reconciler", RECONCILER_INTERVAL_MS="10")):
        for step, is_recorded in (("after reserve", 0), ("after record", 1)):
            with lone_worker(shop, FAULT_POINT=step) as worker:
                write.send()
                worker.wait_for_crash()
            books.settle()
            assert books.faults() == []
            assert write.orders() == write.expected(is_recorded)
