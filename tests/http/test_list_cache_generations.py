"""The generations in the keys of lists (lua/counters.lua, lua/raise.lua)."""

import os
import signal

import pytest

from nginx_conf import generation, generations, reload
from shop.client import Client
from shop.connection import Connection
from shop.samples import a_detail, a_product, an_order, detail_ids, make_order, make_product
from shop.stack import wait_for


@pytest.fixture
def raised(api, stack):
    """Sends a request; returns by how much it raises the generations of orders and of products."""

    def by(request, body, status):
        before = generations(api, stack)
        assert api(request, body).status == status
        after = generations(api, stack)
        return after[0] - before[0], after[1] - before[1]

    return by


def test_writes_of_orders(api, raised, odyssey):
    """They move the stock of products, too."""
    order_id = make_order(api)
    (detail_id,) = detail_ids(api, order_id)
    change = {"order_details": [{"id": detail_id, "price": "2", "quantity": 2}]}
    assert raised("POST /orders", an_order(), 200) == (1, 1)
    assert raised("POST /orders/", an_order(), 200) == (1, 1)
    assert raised(f"PUT /orders/{order_id}", change, 200) == (1, 1)
    assert raised(f"PATCH /orders/{order_id}", change, 200) == (1, 1)
    assert raised(f"DELETE /orders/{order_id}", None, 204) == (1, 1)


def test_writes_of_products(api, raised):
    assert raised("POST /products", a_product("x"), 200) == (0, 1)
    assert raised("POST /products/", a_product("x"), 200) == (0, 1)
    assert raised("PUT /products/x", a_product("x"), 200) == (0, 1)
    assert raised("PATCH /products/x", {"in_stock": 1}, 200) == (0, 1)
    assert raised("DELETE /products/x", None, 204) == (0, 1)


@pytest.mark.parametrize(
    "request_line, body, status",
    [
        ("GET /orders/{order}", None, 200),
        ("HEAD /orders", None, 200),
        ("GET /products", None, 200),
        ("POST /orders", {}, 400),
        ("POST /orders", an_order(a_detail("none")), 404),
        ("PATCH /orders/{order}", b"{", 400),
        ("DELETE /orders/0", None, 404),
        ("DELETE /orders", None, 405),
        ("DELETE /products/none", None, 404),
        pytest.param("POST /products", b"x" * (2 << 20), 413, marks=pytest.mark.logs("too large body"), id="too large"),
        ("DELETE /nowhere", None, 404),
    ],
)
def test_what_changes_nothing_raises_nothing(api, raised, odyssey, request_line, body, status):
    assert raised(request_line.format(order=make_order(api)), body, status) == (0, 0)


@pytest.mark.logs("POST /orders 503: .*(redis|postgres): ")
@pytest.mark.may_log("DELETE /products/the_odyssey 503: .*redis: ", "cannot reconcile: ")
@pytest.mark.parametrize("store", ["redis", "postgres"])
@pytest.mark.ends_workers
def test_a_write_with_a_503_from_the_worker(second_api, second_stack, store):
    """The store may have done it all the same: whatever there is may have changed, orders and products."""
    make_product(second_api)
    before = generations(second_api, second_stack)
    plain = Client(second_stack.port)
    with second_stack.without(store):
        assert plain("POST /orders", an_order()).status == 503
        assert store == "postgres" or plain("DELETE /products/the_odyssey").status == 503
    second_stack.renew_workers()
    assert generations(second_api, second_stack) == (before[0] + 1 + (store == "redis"), before[1])


@pytest.mark.logs("upstream prematurely closed connection")
@pytest.mark.ends_workers
def test_a_write_whose_worker_has_died(api, stack, odyssey):
    """nginx answers it in another location, which raises the generation, too."""
    before = generations(api, stack)
    stack.postgres("BEGIN")
    stack.postgres("LOCK TABLE orders IN EXCLUSIVE MODE")
    with Connection(stack.port) as connection:
        connection.send("POST /orders", an_order())
        wait_for(lambda: stack.postgres("SELECT 1 FROM pg_locks WHERE NOT granted"), "the order waits for the lock")
        stack.end_workers("orders", signal.SIGKILL)
        assert connection.reply().status == 503
    stack.postgres("ROLLBACK")
    assert generations(api, stack) == (before[0] + 1, before[1])


def test_a_reload_keeps_the_generations(api, stack):
    before = generations(api, stack)
    reload(stack)
    assert generations(api, stack) == before


def test_after_a_restart_the_generations_are_higher(api, stack, odyssey):
    """Pages of the earlier nginx may still be in the cache."""
    make_order(api)
    targets = ["/orders", "/orders?expand=product"]
    before = [generation(api, stack, target) for target in targets]
    os.kill(stack.pid("nginx"), signal.SIGKILL)
    stack.make("up")
    after = [generation(api, stack, target) for target in targets]
    assert all(now > then for now, then in zip(after, before))


@pytest.mark.may_log(r"connect\(\) to unix:\S+ failed \(11: ")  # The pool's queue is full.
def test_writers_that_hang_up(api, stack):
    """A thousand clients do not wait for their answers. Each raises the generation all the same; the list is right."""
    make_product(api, in_stock=1_000_000)
    before, _ = generations(api, stack)
    for _ in range(1000):
        with Connection(stack.port) as connection:
            connection.send("POST /orders", an_order())
    wait_for(lambda: generations(api, stack)[0] >= before + 1000, "a thousand writes", seconds=120)
    stored = [order_id for (order_id,) in stack.postgres("SELECT id FROM orders ORDER BY id")]
    assert len(stored) > 500
    assert [order["id"] for order in api("GET /orders?limit=1000").json] == stored
