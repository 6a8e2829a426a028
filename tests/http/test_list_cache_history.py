"""After the answer to a write has reached its client, no list that begins later shows the state before that write."""

import json

import pytest

from list_history import History
from nginx_conf import changed
from shop.connection import Connection
from shop.samples import an_order

# Under this load a fill may take longer than nginx keeps a page.
pytestmark = pytest.mark.may_log("ignore long locked inactive cache entry")

READS = 20_000

# Several nginx workers, however many cores there are: each must see what another has raised.
THREE_WORKERS = {"nginx.conf": lambda text: text.replace("worker_processes auto;", "worker_processes 3;")}

# Two designs that are wrong. The history must find stale lists with both.
WITHOUT_RAISING = {"lua/raise.lua": lambda text: text.replace("counters.raise(", "tostring(")}
PURGING = {
    # In its own folder: nginx tolerates deleted files, but looks for them for as long as it knows the folder.
    "edge_cache.conf": lambda text: text.replace("cache_orders", "temp/cache_purged").replace("=edge:", "=purged:"),
    "lua/list.lua": lambda text: text.replace("generation, second, found.target", "0, 0, found.target"),
    "lua/raise.lua": lambda text: text.replace(
        "counters.raise(changed)",
        f"os.execute('find ' .. ngx.config.prefix() .. 'temp/cache_purged/ -name {'?' * 32} -delete')"
        " ngx.shared.list_fills:flush_all() counters.raise(nil)",
    ),
    "list_cached.conf": lambda text: text.replace("edge;", "purged;", 1),
}


def test_no_list_is_stale(api, stack):
    with changed(stack, THREE_WORKERS):
        history = History(stack.port)
        history.run(until=lambda: len(history.reads) >= READS)
    stale = history.stale_reads()
    sources = [read.reply.header("X-Cache") for read in history.reads]
    print(f"{len(history.reads)} reads, {sources.count('HIT')} hits, {history.writes()} writes, {len(stale)} stale")
    assert stale == []
    assert sources.count("HIT") > 1000 and sources.count("MISS") > 100 and history.writes() > 100


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(WITHOUT_RAISING, id="without raising"),
        pytest.param(PURGING, id="purging", marks=pytest.mark.may_log(r"unlink\(\) \S+cache_purged/\S+ failed \(2: ")),
    ],
)
def test_stale_lists_are_found(api, stack, changes):
    with changed(stack, changes):
        for round_number in range(20):
            history = History(stack.port)
            history.run(until=lambda: len(history.reads) >= 1000)
            if stale := history.stale_reads():
                print(f"round {round_number}: {len(stale)} of {len(history.reads)} reads are stale, such as {stale[0]}")
                return
    raise AssertionError("no list was stale")


# Then a page of 90 kB takes two seconds. Its first buffer is full at once, and is sent to the client.
SLOW_FILLS = {"edge_cache.conf": lambda text: text.replace("/orders {", "/orders { limit_rate 30k;")}


def test_a_page_that_is_fetched_during_a_write(api, stack, odyssey):
    """It shows the state before the write, and is stored after it. No later request may get it."""
    stack.postgres(
        """
        INSERT INTO orders (id) SELECT nextval(pg_get_serial_sequence('orders', 'id')) FROM generate_series(1, 900);
        INSERT INTO order_details (order_id, product_id, price, quantity) SELECT id, 'the_odyssey', 100000.99, 1 FROM orders
        """
    )
    with changed(stack, SLOW_FILLS), Connection(stack.port) as reader, Connection(stack.port) as writer:
        reader.send("GET /orders?limit=1000")
        assert reader.is_answered(seconds=20)
        order_id = json.loads(writer("POST /orders", an_order()).body)["id"]
        assert order_id not in listed(reader.reply())
        assert order_id in listed(writer("GET /orders?limit=1000"))


def listed(reply):
    return {order["id"] for order in json.loads(reply.body)}
