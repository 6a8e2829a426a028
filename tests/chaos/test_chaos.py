"""Eight clients work while everything that can die is killed again and again: no order is lost, and none is doubled.

CHAOS_SECONDS is the duration, 12 by default; `make chaos` takes 60. CHAOS_SEED is the seed of the random numbers,
printed with the result. The timing of the processes still differs from run to run.
"""

import os
import random
import re
import time
from collections import Counter
from contextlib import closing, contextmanager

import pytest

from careful_client import CarefulClient, contents
from lone_programs import LoneProgram
from shop.client import Client
from shop.load import CLIENTS, PRODUCTS, STOCKED
from shop.samples import a_product, pages
from shop.stack import wait_for
from trouble import Trouble

SECONDS = float(os.environ.get("CHAOS_SECONDS", "12"))
SEED = os.environ.get("CHAOS_SEED") or str(random.randrange(1_000_000))

REPAIR = re.compile(r"movement (\S+) was (not recorded: released|recorded: confirmed)")


@pytest.fixture
def stack(usual_stack):
    return usual_stack


@pytest.mark.logs("503: .*redis: ", "503: .*postgres: ", "upstream prematurely closed connection")
@pytest.mark.may_log(
    "cannot reconcile: ",
    "upstream timed out",
    r"recv\(\) failed \(104: ",
    r"connect\(\) .* failed \(11: ",
    "ignore long locked inactive cache entry",  # A fill waits for a frozen worker for longer than nginx keeps a page.
)
def test_nothing_is_lost_or_doubled(shop, books):
    for product_id in PRODUCTS:
        books.stock(Client(shop.port), a_product(product_id, in_stock=STOCKED))
    clients = [CarefulClient(shop.port, number, PRODUCTS, SEED) for number in range(CLIENTS)]
    trouble = Trouble(shop, SEED)
    repaired_before = repairs(shop)
    with closing(LoneProgram(shop, "reconciler", "orders-reconciler")):  # A second one must do no harm.
        with at_work(clients), trouble:
            time.sleep(SECONDS)
        shop.close()  # The test's own connections broke, too.
        wait_for(lambda: Client(shop.port)("GET /health").status == 200, "the shop is well", seconds=60)
        books.wait_until_settled(seconds=60)

    orders = existing_orders(shop)
    lost, doubled = lost_orders(clients, orders), doubled_orders(clients, orders)
    print_table(clients, trouble, len(repairs(shop) - repaired_before), lost, doubled)
    assert sum(client.counts["reads: HIT"] for client in clients) > 50
    assert [client.failure for client in clients if client.failure] == []
    assert (lost, doubled) == ([], [])
    assert books.faults() == []
    # faults() compares events with movements. Here: each created order exists, or a client has deleted it.
    created = {order_id for event, order_id, _ in books.events() if event == "order_created"}
    assert created == set(orders).union(*[client.deleted for client in clients])


@contextmanager
def at_work(clients):
    for client in clients:
        client.start()
    try:
        yield
    finally:
        for client in clients:
            client.stop()
        for client in clients:
            client.join()


def existing_orders(shop):
    listed = [order for page in pages(Client(shop.port), "/orders?limit=1000") for order in page]
    return {order["id"]: contents(order["order_details"]) for order in listed}


def lost_orders(clients, orders):
    """The acknowledged orders that are gone, or that are not as they were acknowledged."""
    acknowledged = [item for client in clients for item in client.orders.items()]
    found = [(order_id, possible, orders.get(order_id)) for order_id, possible in acknowledged]
    return [(order_id, possible, order) for order_id, possible, order in found if order not in possible]


def doubled_orders(clients, orders):
    """The orders that no client wanted, or wanted only once although there are several."""
    known = set().union(*[client.orders for client in clients])
    maybe_created = set().union(*[client.maybe_created for client in clients])
    marks = {order_id: int(float(details[0][1])) for order_id, details in orders.items()}
    counted = Counter(marks.values())
    unknown = {order_id for order_id, mark in marks.items() if order_id not in known and mark not in maybe_created}
    return [order_id for order_id, mark in marks.items() if counted[mark] > 1 or order_id in unknown]


def repairs(shop):
    """The ids of the movements that the reconcilers have finished, by their logs."""
    return {found[1] for line in shop.log_lines() if (found := REPAIR.search(line))}


def print_table(clients, trouble, repaired, lost, doubled):
    counts = sum((client.counts for client in clients), Counter())
    rows = [(name, counts[name]) for name in ("requests", "acknowledged", "retried", "reads: HIT")]
    rows += sorted(trouble.counts.items())
    rows += [("repairs", repaired), ("lost", len(lost)), ("doubled", len(doubled))]
    print(f"\n\n{CLIENTS} clients, {SECONDS:g} seconds, CHAOS_SEED={SEED}\n")
    for name, count in rows:
        print(f"  {name:<20} {count:>7}")
    print()
