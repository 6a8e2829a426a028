"""Many ask for a page that is not in the cache: one fetches it, the others wait for it, and not for long. lua/list_fills.lua
and lua/list_filled.lua."""

import time
from contextlib import ExitStack, nullcontext

import pytest

from nginx_conf import changed
from shop_connection import Connection
from shop_samples import an_order

CLIENTS = 40
LONGEST_WAIT = 1  # Second, in list_fills.lua.
ROUNDS = 5  # One of them has to show it: on a busy machine a page may take longer than anybody waits.

ONLY_NGINX = {"lua/list_fills.lua": lambda text: text.replace("local state = ", "do return false end local state = ")}
ONLY_LUA = {"orders_list_cached.conf": lambda text: text.replace("proxy_cache_lock         on;", "")}
NEITHER = ONLY_NGINX | ONLY_LUA


def misses_of_a_crowd(stack):
    """How many of CLIENTS that ask at once for a page that is not cached asked a worker."""
    with ExitStack() as closing:
        clients = [closing.enter_context(Connection(stack.port)) for _ in range(CLIENTS)]
        assert clients[0]("POST /orders", an_order()).status == 200
        began = int(time.time())
        for client in clients:
            client.send("GET /orders?expand=product")
        replies = [client.reply() for client in clients]
        assert {reply.status for reply in replies} == {200}
        assert len({reply.body for reply in replies}) == 1
        return [reply.header("X-Cache") for reply in replies].count("MISS") - (int(time.time()) - began)


@pytest.mark.parametrize("changes", [{}, ONLY_NGINX, ONLY_LUA], ids=["both", "proxy_cache_lock", "list_fills"])
def test_one_fetches_for_all(api, stack, odyssey, changes):
    with changed(stack, changes) if changes else nullcontext():
        assert min(misses_of_a_crowd(stack) for _ in range(ROUNDS)) <= 1


def test_else_there_would_be_a_stampede(api, stack, odyssey):
    with changed(stack, NEITHER):
        assert max(misses_of_a_crowd(stack) for _ in range(ROUNDS)) > 1


def test_a_slow_client_lets_nobody_wait(api, stack, odyssey):
    """It has asked first, for more than the buffers between it and nginx hold, and does not read it."""
    stack.postgres(
        """
        INSERT INTO orders (id) SELECT id FROM generate_series(1000001, 1001000) AS id;
        INSERT INTO order_details (order_id, product_id, price, quantity)
          SELECT id, 'the_odyssey', round, 1 FROM generate_series(1, 40) AS round, generate_series(1000001, 1001000) AS id
        """
    )
    assert min(seconds_behind_a_slow_client(stack) for _ in range(ROUNDS)) < LONGEST_WAIT


def seconds_behind_a_slow_client(stack):
    target = "/orders?limit=1000"
    with Connection(stack.port, receive_buffer=4096) as slow, Connection(stack.port) as other:
        assert other("POST /orders", an_order()).status == 200
        slow.send(f"GET {target}")
        assert slow.is_answered(seconds=20)
        began = time.monotonic()
        reply = other(f"GET {target}")
        assert reply.header("X-Cache") in ("HIT", "MISS")
        return time.monotonic() - began


@pytest.mark.ends_workers
def test_when_a_page_cannot_be_fetched_the_next_one_tries(second_api, second_stack):
    with ExitStack() as closing:
        clients = [closing.enter_context(Connection(second_stack.port)) for _ in range(CLIENTS)]
        with second_stack.without("postgres"):
            for client in clients:
                client.send("GET /orders?limit=9")
            assert {client.reply().status for client in clients} == {503}
        reply = clients[0]("GET /orders?limit=9")
        assert (reply.status, reply.body) == (200, b"[]")
    second_stack.renew_workers()
