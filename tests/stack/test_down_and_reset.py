"""make status, down and reset."""

import os
import re
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

from shop.dev_stack import PARTS, listens
from shop.samples import an_order, make_order, make_product
from shop.stack import freeze, wait_for

ADDRESSES = {
    "postgres": "{run_dir}/postgres/.s.PGSQL.5432",
    "redis": "{run_dir}/redis/redis.sock",
    "reconciler": "-",
    "products": "{run_dir}/products.sock",
    "orders": "{run_dir}/orders.sock",
    "nginx": "http://localhost:{port}",
}
# How busy each part of a shop is that has just started.
LOADS = {
    "postgres": r"  \d+ connections",
    "redis": r"  [0-9.]+[KM] of [0-9.]+[MG], 0 movements pending, [0-9]+ events",
    "reconciler": "",
    "products": r"  0 of \d+ workers busy, 0 requests wait",
    "orders": r"  0 of \d+ workers busy, 0 requests wait",
    "nginx": r"  \d+ connections",
}


def test_status_of_a_shop_that_is_up(shop):
    status = shop.run("status")
    assert status.status == 0
    for part, line in zip(PARTS, status.lines, strict=True):
        address = ADDRESSES[part].format(run_dir=shop.run_dir, port=shop.port)
        known = rf"{part} +running +pid {shop.pid(part)} +{re.escape(address)}"
        assert re.fullmatch(f"{known}{LOADS[part]}", line), line


def test_status_of_a_shop_at_work(shop):
    """A frozen worker serves nobody: the requests wait in the queue of its pool."""
    workers = shop.pids()["products"][1:]
    for pid in workers:
        freeze(pid)
    try:
        with ThreadPoolExecutor(3) as pool:
            # Of different products: for the same one, a request may wait for what another one fetches.
            answers = [pool.submit(shop.api, f"GET /products/{name}") for name in "abc"]
            waiting = f"0 of {len(workers)} workers busy, 3 requests wait"
            wait_for(lambda: any(line.endswith(waiting) for line in shop.run("status").lines), waiting)
            for pid in workers:
                os.kill(pid, signal.SIGCONT)
            assert [answer.result().status for answer in answers] == [404] * 3
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)


def test_status_when_a_part_is_missing(shop):
    shop.kill(*shop.pids()["products"])
    status = shop.run("status")
    assert status.status != 0
    assert [line.split()[0] for line in status.lines if "not running" in line] == ["products"]


def test_without_a_stack_nothing_is_made(new_stack):
    stack = new_stack()
    stack.assert_nothing_runs()
    for command in ("down", "reset"):
        outcome = stack.run(command)
        assert (outcome.status, len(outcome.lines)) == (0, 1)
        assert str(stack.run_dir) in outcome.lines[0]
    assert not stack.run_dir.exists()


def test_down_lets_a_request_finish(shop):
    """nginx stops first, and waits for running requests. Here an order waits for a table lock in PostgreSQL."""
    make_product(shop.api)
    shop.postgres("BEGIN")
    shop.postgres("LOCK TABLE orders IN EXCLUSIVE MODE")
    answers = []
    client = threading.Thread(target=lambda: answers.append(shop.api("POST /orders", an_order())))
    client.start()
    wait_for(lambda: shop.postgres("SELECT 1 FROM pg_locks WHERE NOT granted"), "the order waits for the lock")
    down = shop.start("down")
    wait_for(lambda: not listens(shop.port), "nginx accepts no new connection")
    shop.postgres("COMMIT")
    client.join()
    assert answers[0].status == 200
    shop.close()
    assert down.wait(timeout=30) == 0
    down.stdout.close()
    assert shop.processes() == []


def test_reset_wipes_and_up_starts_again(new_stack):
    stack = new_stack()
    stack.up()
    make_product(stack.api)
    make_order(stack.api)
    stack.close()

    assert stack.run("reset").status == 0
    assert stack.processes() == []
    assert not stack.run_dir.exists()

    stack.up()
    assert stack.api("GET /products").json == stack.api("GET /orders").json == []
