"""Stores that go away and come back: 503 at once, then the same workers serve again.

The fixture checks that the workers are the same, except after tests that end them.
"""

import json
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shop.client import Client
from shop.samples import a_detail, a_product, an_order, in_stock, make_order, make_product, show_order
from shop.stack import wait_for

# The reconciler looks once a second. nginx forgets unused pages so soon that the fetch of a page may take longer.
pytestmark = pytest.mark.may_log("cannot reconcile: ", "ignore long locked inactive cache entry")

UNAVAILABLE = "503 SERVICE_UNAVAILABLE"

# Requests and the stores that they need. {order} and {detail} stand for the ids of an order that exists.
REQUESTS = [
    ("GET /products", None, {"redis"}),
    ("GET /products/the_odyssey", None, {"redis"}),
    ("GET /products/none", None, {"redis"}),
    ("POST /products", a_product("new"), {"redis"}),
    ("PUT /products/the_odyssey", a_product(), {"redis"}),
    ("PATCH /products/the_odyssey", {"in_stock": 5}, {"redis"}),
    ("DELETE /products/none", None, {"redis"}),
    ("GET /orders", None, {"postgres"}),
    ("GET /orders?expand=product", None, {"redis", "postgres"}),
    ("GET /orders/{order}", None, {"redis", "postgres"}),
    ("GET /orders/9223372036854775807", None, {"postgres"}),
    ("POST /orders", an_order(), {"redis", "postgres"}),
    ("PUT /orders/{order}", an_order({"id": "{detail}", "price": "1", "quantity": 5}), {"redis", "postgres"}),
    ("PATCH /orders/{order}", an_order({"id": "{detail}", "quantity": 3}), {"redis", "postgres"}),
    ("DELETE /orders/{order}", None, {"redis", "postgres"}),
]
# Requests that are refused without a store.
REFUSED = [
    ("POST /products", {}, "400 VALIDATION_ERROR"),
    ("POST /orders", b"{", "400 BAD_REQUEST"),
    ("PATCH /orders/1", {"order_details": 5}, "400 VALIDATION_ERROR"),
    ("GET /orders?limit=0", None, "400 BAD_REQUEST"),
    ("GET /products?after=", None, "400 BAD_REQUEST"),
    ("GET /orders/0", None, "404 NOT_FOUND"),
    ("FOO /products", None, "405 METHOD_NOT_ALLOWED"),
]

# By default a worker waits one second for Redis and two for PostgreSQL. A request may ask both, and each twice.
FROZEN_SECONDS = 8
# A stopped store refuses connections at once. But the build with sanitizers is slow, and so is a busy machine.
STOPPED_SECONDS = 2


@pytest.fixture
def shop(second_api, second_stack):
    """The second stack with a product, an order of 2 of its 10 pieces, and plenty of another product."""
    make_product(second_api)
    make_product(second_api, "plenty", in_stock=1000)
    order = show_order(second_api, make_order(second_api, a_detail(quantity=2)))
    second_stack.order_id, second_stack.detail_id = order["id"], order["order_details"][0]["id"]
    return second_stack


def ask(shop, request, body):
    """Sends one of REQUESTS. Returns the answer and the seconds that it took."""
    if isinstance(body, dict):
        body = json.dumps(body).replace('"{detail}"', str(shop.detail_id)).encode()
    began = time.monotonic()
    answer = Client(shop.port)(request.format(order=shop.order_id), body)
    return answer, time.monotonic() - began


def ask_all_at_once(shop, requests):
    with ThreadPoolExecutor(min(len(requests), 16)) as pool:
        return list(pool.map(lambda request: ask(shop, *request[:2]), requests))


def assert_back_to_work(shop):
    """Every worker serves again, even its first request: it replaces connections that have ended."""
    api = Client(shop.port)
    wait_for(lambda: api("GET /health").status == 200, "health", seconds=5)
    requests = [("GET /products/the_odyssey", None), ("GET /products", None), ("GET /orders", None)] * 20
    requests += [("GET /orders/{order}", None), ("POST /products", a_product("new"))] * 20
    requests += [("POST /orders", an_order(a_detail("plenty")))] * 40
    random.Random(0).shuffle(requests)  # So that some workers get a write first.
    assert {answer.outcome for answer, _ in ask_all_at_once(shop, requests)} == {"200"}


@pytest.mark.logs("GET /health 503", "503: .*(redis|postgres): ")
@pytest.mark.parametrize("store", ["redis", "postgres"])
def test_stopped(shop, store):
    with shop.without(store):
        health, seconds = ask(shop, "GET /health", None)
        assert health.status == 503
        assert health.json == {"products": "up", "orders": "up", "redis": "up", "postgres": "up"} | {store: "down"}
        assert health.headers["Retry-After"] and seconds < STOPPED_SECONDS

        for request, body, needs in REQUESTS:
            answer, seconds = ask(shop, request, body)
            assert (answer.outcome == UNAVAILABLE) == (store in needs), (request, answer)
            assert answer.status < 500 or seconds < STOPPED_SECONDS, (request, seconds)
        for request, body, outcome in REFUSED:
            assert ask(shop, request, body)[0].outcome == outcome, request
    assert_back_to_work(shop)


@pytest.mark.parametrize("store", ["redis", "postgres"])
def test_stopped_for_a_moment(shop, store):
    """No worker gets a request while the store is away. Each finds out later that its connection has ended."""
    with shop.without(store):
        pass
    assert_back_to_work(shop)


@pytest.mark.logs("503: .*(redis|postgres): ")
@pytest.mark.parametrize("store", ["redis", "postgres"])
def test_the_answer_says_that_nothing_was_changed(shop, store):
    """A store that cannot be reached cannot have written anything. The client can send the request again."""
    writes = [request for request in REQUESTS if not request[0].startswith("GET") and store in request[2]]
    with shop.without(store):
        for request, body, _ in writes:
            answer, _ = ask(shop, request, body)
            assert "othing was changed" in answer.json["message"], (request, answer)
    api = Client(shop.port)
    assert [order["id"] for order in api("GET /orders").json] == [shop.order_id]
    assert api("GET /products/new").outcome == "404 PRODUCT_NOT_FOUND"
    assert show_order(api, shop.order_id)["order_details"][0]["quantity"] == 2


@pytest.mark.parametrize(
    "away",
    [
        pytest.param("postgres", marks=pytest.mark.logs("503: .*postgres: ")),
        pytest.param("the pool", marks=pytest.mark.logs(r"connect\(\) to unix:\S+ failed \(2: ")),
    ],
)
def test_the_answer_to_a_retry_does_not_say_that_nothing_was_changed(shop, away):
    """The outcome of the first request with the key cannot be looked up. Here it had succeeded."""
    key = {"Idempotency-Key": "a-key"}
    first = Client(shop.port)("POST /orders", an_order(), key)
    assert first.status == 200
    with shop.without_pool() if away == "the pool" else shop.without(away):
        for target in ("/orders", "/orders/"):
            answer = Client(shop.port)(f"POST {target}", an_order(), key)
            assert answer.outcome == UNAVAILABLE
            assert "othing was changed" not in answer.json["message"]
            assert "Try again with the same Idempotency-Key" in answer.json["message"]
        others = [("POST /orders", an_order(), {}), (f"DELETE /orders/{shop.order_id}", None, key)]
        for request, body, headers in others:
            assert "othing was changed" in Client(shop.port)(request, body, headers).json["message"]
    assert Client(shop.port)("POST /orders", an_order(), key).json == first.json


@pytest.mark.logs("GET /health 503", "503: .*(redis|postgres): ")
@pytest.mark.parametrize("store", ["redis", "postgres"])
def test_frozen(shop, store):
    with shop.frozen(store):
        health, seconds = ask(shop, "GET /health", None)
        assert (health.status, health.json[store]) == (503, "down")
        assert seconds < FROZEN_SECONDS

        reads = [request for request in REQUESTS if request[0].startswith("GET")]
        for (request, _, needs), (answer, seconds) in zip(reads, ask_all_at_once(shop, reads)):
            assert (answer.outcome == UNAVAILABLE) == (store in needs), (request, answer)
            assert seconds < FROZEN_SECONDS, request
    assert_back_to_work(shop)


@pytest.mark.logs("POST /products 503: .*redis: ", "POST /orders 503: .*postgres: ")
def test_a_write_to_a_frozen_store_has_an_unknown_outcome(shop):
    """The store may do it when it goes on, so the answer does not say that nothing was changed."""
    with shop.frozen("redis"):
        answer, _ = ask(shop, "POST /products", a_product("late"))
        assert answer.outcome == UNAVAILABLE
        assert "may or may not" in answer.json["message"]
    with shop.frozen("postgres"):
        answer, _ = ask(shop, "POST /orders", an_order())
        assert answer.outcome == UNAVAILABLE
        assert "may have been created" in answer.json["message"]
    assert_back_to_work(shop)


@pytest.mark.logs("503: .*(redis|postgres): ")
@pytest.mark.parametrize("store", ["redis", "postgres"])
@pytest.mark.ends_workers
def test_workers_started_while_a_store_is_away(shop, store):
    with shop.without(store):
        for pool in ("products", "orders"):
            shop.end_workers(pool)
        workers = shop.all_worker_pids()
        for request, body, needs in REQUESTS:
            answer, _ = ask(shop, request, body)
            assert (answer.outcome == UNAVAILABLE) == (store in needs), (request, answer)
    assert_back_to_work(shop)
    assert shop.all_worker_pids() == workers


def test_scripts_that_were_flushed(shop):
    """After SCRIPT FLUSH a worker loads its scripts again, and no request fails."""
    assert_back_to_work(shop)  # All workers have loaded their scripts.
    scripted = [request for request in REQUESTS if request[0] in ("GET /products", "POST /products", "POST /orders")]
    for request, body, _ in scripted * 5:
        shop.redis.script_flush()
        assert ask(shop, request, body)[0].status == 200, request


@pytest.mark.logs("POST /orders 503: .*postgres: ")
def test_stock_adds_up_after_outages(shop):
    """PostgreSQL stops during orders. Stock taken for orders that are not recorded is given back, or still pending."""

    def order_until(stopped):
        api, outcomes = Client(shop.port), set()
        while not stopped():
            outcomes.add(api("POST /orders", an_order(a_detail(quantity=1))).outcome)
        return outcomes

    stocked = 2_000_000_000
    make_product(Client(shop.port), in_stock=stocked)
    done = []
    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(order_until, lambda: done) for _ in range(4)]
        try:
            wait_for(lambda: len(Client(shop.port)("GET /orders").json) > 20, "orders")
            with shop.without("postgres"):
                wait_for(lambda: Client(shop.port)("POST /orders", an_order()).outcome == UNAVAILABLE, "the outage")
        finally:
            done.append(True)
    assert set().union(*[client.result() for client in clients]) == {"200", UNAVAILABLE}

    ((ordered,),) = shop.postgres(f"SELECT sum(quantity) FROM order_details WHERE order_id <> {shop.order_id}")
    recorded = {movement for (movement,) in shop.postgres("SELECT id FROM stock_movements")}
    pending = set(shop.redis.hkeys("stock:pending")) - recorded  # Each has taken one piece.
    assert in_stock(Client(shop.port)) == stocked - ordered - len(pending)


@pytest.mark.logs(r"upstream prematurely closed connection|recv\(\) failed \(104: ")  # 104: bytes were left unread.
@pytest.mark.ends_workers
def test_a_worker_that_dies_with_a_request(shop):
    """The answer is 503, not 502, and other workers go on."""
    with ThreadPoolExecutor(1) as pool:
        with shop.frozen("redis"):
            idle = open_files(shop, "products")
            waiting = pool.submit(ask, shop, "GET /products/the_odyssey", None)
            wait_for(lambda: open_files(shop, "products") != idle, "a worker that has the request and waits for Redis")
            shop.end_workers("products", signal.SIGKILL)
            answer, _ = waiting.result()
        assert answer.outcome == UNAVAILABLE
        assert "othing was changed" in answer.json["message"]
    assert_back_to_work(shop)


def open_files(shop, pool):
    """The number of open files of each worker, by pid. A worker that serves a request has one more than an idle one."""
    return {pid: len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in shop.worker_pids(pool)}


@pytest.mark.logs("upstream timed out")
def test_workers_that_do_not_answer(shop):
    """nginx gives them up earlier than clients do."""
    with shop.frozen("products"), ThreadPoolExecutor(2) as pool:
        read = pool.submit(ask, shop, "GET /products/the_odyssey", None)
        health, seconds = ask(shop, "GET /health", None)
        assert (health.status, health.json["products"]) == (503, "down")
        assert seconds < 10
        answer, seconds = read.result()
        assert answer.outcome == UNAVAILABLE and seconds < 20
        assert ask(shop, "GET /orders", None)[0].status == 200
    assert_back_to_work(shop)
