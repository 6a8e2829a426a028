"""A store that answers but refuses writes: reads still work, and so do the writes that free memory. /health, the
answers and the log say what is wrong."""

from contextlib import contextmanager

import pytest

from shop.client import Client
from shop.samples import a_detail, a_product, an_order, in_stock, make_order, make_product, show_order
from shop.stack import wait_for
from shop.stores import full_redis, reconciler_looks

# The reconciler looks once a second. Now and then it meets PostgreSQL with a write before it asks.
pytestmark = pytest.mark.may_log(
    "a store takes no writes: (redis: OOM|postgres: (transaction_read_only is on|.* in a read-only transaction))"
)

UNAVAILABLE = "503 SERVICE_UNAVAILABLE"
ALL_UP = {"products": "up", "orders": "up", "redis": "up", "postgres": "up"}


@contextmanager
def read_only_postgres(stack):
    """Like a standby. The test's own session can still write."""
    stack.postgres("SET default_transaction_read_only = off")
    alter_system(stack, "SET default_transaction_read_only = on")
    try:
        yield
    finally:
        alter_system(stack, "RESET default_transaction_read_only")


def alter_system(stack, change):
    stack.postgres(f"ALTER SYSTEM {change}")
    stack.postgres("SELECT pg_reload_conf()")


READ_ONLY = {"redis": full_redis, "postgres": read_only_postgres}


@pytest.mark.parametrize("store", READ_ONLY)
@pytest.mark.logs("GET /health 503")
def test_health_says_so(api, stack, store):
    assert api("GET /health").json == ALL_UP
    with READ_ONLY[store](stack):
        wait_for(lambda: Client(stack.port)("GET /health").json == ALL_UP | {store: "read-only"}, "/health says so")
        answer = Client(stack.port)("GET /health")
        assert answer.status == 503 and answer.headers["Retry-After"]
    wait_for(lambda: Client(stack.port)("GET /health").status == 200, "it is well again")


@pytest.mark.parametrize("store", READ_ONLY)
def test_the_reconciler_logs_it_once_in_each_direction(api, stack, store):
    def said(words):
        return sum(words in line for line in (stack.run_dir / "log/reconciler.log").read_text().splitlines())

    def let_the_reconciler_look():
        looks = reconciler_looks(stack.redis)
        wait_for(lambda: reconciler_looks(stack.redis) >= looks + 3, "the reconciler looks again")

    let_the_reconciler_look()  # The test before may have left it with a store that takes no writes.
    taken, again = said(f"a store takes no writes: {store}"), said("the stores take writes again")
    with READ_ONLY[store](stack):
        wait_for(lambda: said(f"a store takes no writes: {store}") > taken, "it is logged")
        let_the_reconciler_look()
    wait_for(lambda: said("the stores take writes again") > again, "the end of it is logged")
    assert said(f"a store takes no writes: {store}") == taken + 1
    assert said("the stores take writes again") == again + 1


@pytest.mark.logs(
    r"POST /products 503: redis: OOM",
    r"PATCH /products/the_odyssey 503: redis: OOM",
    r"POST /orders 503: redis: OOM",
    r"PATCH /orders/[0-9]+ 503: redis: OOM",
)
def test_a_full_redis_refuses_what_needs_memory_and_says_why_in_the_log(api, stack, odyssey):
    order_id = make_order(api, a_detail(quantity=3))
    (detail,) = show_order(api, order_id)["order_details"]
    with full_redis(stack):
        before = stack.fingerprint()
        for request, body in [
            ("POST /products", a_product("new")),
            ("PATCH /products/the_odyssey", {"in_stock": 5}),
            ("POST /orders", an_order()),
            (f"PATCH /orders/{order_id}", {"order_details": [{"id": detail["id"], "quantity": 4}]}),
        ]:
            answer = Client(stack.port)(request, body)
            assert answer.outcome == UNAVAILABLE, request
            assert "othing was changed" in answer.json["message"]
        assert stack.fingerprint() == before


def test_a_full_redis_is_read_and_emptied(api, stack, odyssey):
    make_product(api, "other", in_stock=5)
    order_id = make_order(api, a_detail(quantity=3), a_detail("other"))
    (detail, _) = show_order(api, order_id)["order_details"]
    with full_redis(stack):
        shop = Client(stack.port)
        assert [product["id"] for product in shop("GET /products").json] == ["other", "the_odyssey"]
        less = {"order_details": [{"id": detail["id"], "quantity": 1}]}
        assert shop(f"PATCH /orders/{order_id}", less).status == 200
        assert in_stock(shop) == 9
        assert shop(f"DELETE /orders/{order_id}").status == 204
        assert in_stock(shop) == 10
        assert shop("DELETE /products/other").status == 204
        assert shop("GET /products/other").status == 404
        assert stack.redis.hlen("stock:pending") == 0
        assert stack.redis.xlen("orders:events") == 3


@pytest.mark.logs(r"POST /orders 503: postgres: .*read-only transaction")
def test_postgres_that_takes_no_writes(api, stack, odyssey):
    order_id = make_order(api)
    with read_only_postgres(stack):
        shop = Client(stack.port)
        wait_for(lambda: shop("POST /orders", an_order()).outcome == UNAVAILABLE, "PostgreSQL refuses writes")
        answer = shop("POST /orders", an_order())
        assert "othing was changed" in answer.json["message"]
        assert shop(f"GET /orders/{order_id}").status == 200
        assert stack.redis.hlen("stock:pending") == 0
