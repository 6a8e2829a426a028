"""Many requests for an uncached page: one fetches it, the others wait (lua/list_fills.lua, lua/list.lua)."""

import time
from contextlib import ExitStack, nullcontext

import pytest

from nginx_conf import changed
from shop.connection import Connection
from shop.samples import an_order

CLIENTS = 40
LONGEST_WAIT = 0.25  # Seconds, in list_fills.lua.
NGINX_LOOKS_EVERY = 0.5  # Seconds, for requests that wait for proxy_cache_lock.
ROUNDS = 10  # One must show it: on a busy machine a page may take longer than any request waits for it.

# Requests that do not fetch the page ask the cache at once.
ONLY_NGINX = {"lua/list_fills.lua": lambda text: text.replace("ngx.sleep(pause)", "do return false end")}
ONLY_LUA = {"list_cached.conf": lambda text: text.replace("proxy_cache_lock         on;", "")}
NEITHER = ONLY_NGINX | ONLY_LUA


def misses_of_a_crowd(stack):
    """CLIENTS ask at once for a page that is not cached. Returns how many of them were misses, without those that the
    turn of a second explains."""
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
        assert any(misses_of_a_crowd(stack) <= 1 for _ in range(ROUNDS))


def test_without_either_there_is_a_stampede(api, stack, odyssey):
    with changed(stack, NEITHER):
        assert any(misses_of_a_crowd(stack) > 1 for _ in range(ROUNDS))


def test_a_cached_page_is_answered_at_once(api, stack, odyssey):
    """If a finished fill were not announced, each request would wait as long as possible."""
    with Connection(stack.port) as connection:
        times = [time_of(lambda: connection("GET /orders")) for _ in range(ROUNDS)]
    hits = [seconds for seconds, reply in times if reply.header("X-Cache") == "HIT"]
    assert min(hits) < LONGEST_WAIT


def time_of(work):
    """The seconds that work() takes, and its result."""
    began = time.monotonic()
    result = work()
    return time.monotonic() - began, result


@pytest.mark.logs("GET /orders 503: .*postgres: ")
@pytest.mark.may_log("cannot reconcile: postgres: ")
@pytest.mark.ends_workers
def test_when_a_page_cannot_be_fetched_the_next_one_tries(second_api, second_stack):
    """At once: nobody waits after a fill that has failed."""

    def ask_at_once():
        for client in clients:
            client.send("GET /orders")
        assert {client.reply().status for client in clients} == {503}

    with ExitStack() as closing:
        clients = [closing.enter_context(Connection(second_stack.port)) for _ in range(5)]
        with second_stack.without("postgres"):
            assert any(time_of(ask_at_once)[0] < NGINX_LOOKS_EVERY for _ in range(ROUNDS))
        assert clients[0]("GET /orders").status == 200
    second_stack.renew_workers()
