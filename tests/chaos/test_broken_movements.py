"""Broken movements, and stores that are away when the reconciler purges."""

import json

import pytest

from lone_programs import lone_reconciler, lone_worker
from order_writes import OrderWrite
from shop.stack import wait_for
from shop.stores import reconciler_looks

OVERDUE = {"time": 0, "take": [["the_odyssey", 1]], "give_back": []}
BROKEN = {
    "not JSON": "no JSON",
    "no UUID": json.dumps(OVERDUE),
    "019a0000-0000-7000-8000-000000000001": "no JSON",
    "019a0000-0000-7000-8000-000000000002": json.dumps(OVERDUE | {"take": [["the_odyssey", "1"]]}),
    b"\xff\x00": b"\xff\x00",
}


def log(shop):
    path = shop.run_dir / "log/lone-reconciler.log"
    return path.read_text().splitlines() if path.exists() else []


def wait_for_rounds(shop):
    rounds = reconciler_looks(shop.redis)
    wait_for(lambda: reconciler_looks(shop.redis) >= rounds + 3, "the reconciler looks again")


@pytest.mark.logs("is broken and stays pending", "upstream prematurely closed connection")
def test_broken_movements_are_logged_once_and_left_and_the_others_finished(shop, books):
    said = len(log(shop))
    with lone_reconciler(shop, RECONCILER_INTERVAL_MS="50"):
        write = OrderWrite("create", shop, books)
        with lone_worker(shop, FAULT_POINT="after reserve") as worker:
            write.send()
            worker.wait_for_crash()
        ((movement_id, movement),) = shop.redis.hgetall("stock:pending").items()
        shop.redis.hset("stock:pending", mapping=BROKEN)
        wait_for_rounds(shop)
        shop.redis.hset("stock:pending", movement_id, json.dumps(json.loads(movement) | {"time": 0}))
        wait_for(lambda: books.pending() == len(BROKEN), "the movement that is not broken is finished")
        wait_for_rounds(shop)
    left = [line for line in log(shop)[said:] if "is broken and stays pending" in line]
    assert len(left) == len(BROKEN), left
    assert all(f"one of {len(BROKEN)}: " in line for line in left)
    shop.redis.delete("stock:pending")
    assert books.faults() == []
    assert write.orders() == write.expected(0)


@pytest.mark.logs("cannot reconcile: postgres: connect")
def test_a_purge_that_failed_follows_when_postgres_is_back(shop):
    old = "SELECT count(*) FROM stock_movements WHERE id = '00000000-0000-7000-8000-000000000001'"
    shop.postgres("INSERT INTO stock_movements (id, kind) VALUES ('00000000-0000-7000-8000-000000000001', 'cancelled')")
    said = len(log(shop))
    away = shop.run_dir / "away"
    conninfo = f"host={away} dbname=airship user=orders"
    with lone_reconciler(shop, RECONCILER_INTERVAL_MS="50", POSTGRES_CONNINFO=conninfo):
        wait_for(lambda: any("cannot reconcile: postgres" in line for line in log(shop)[said:]), "it is logged")
        wait_for_rounds(shop)
        assert not any("reconciling again" in line for line in log(shop)[said:])
        away.symlink_to(shop.run_dir / "postgres")
        try:
            wait_for(lambda: shop.postgres(old) == [(0,)], "the purge")
            wait_for(lambda: any("reconciling again" in line for line in log(shop)[said:]), "it is logged")
        finally:
            away.unlink()
