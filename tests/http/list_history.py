"""Clients that write and list at the same time, and a history of what each of them saw: was any list stale?

Each order and each product is written by one client only, so its versions follow one another. A version is a number:
the order's quantity, or the product's maximum_speed. It is None before the creation and after the deletion.
"""

import json
import re
import time
from bisect import bisect_left
from itertools import islice, takewhile
from typing import NamedTuple

from racing_clients import RacingClients
from shop.connection import Connection, Reply
from shop.samples import a_detail, a_product, an_order

SHIPS = ["ship_0", "ship_1", "ship_2"]  # The first is never deleted: the orders need it.
ORDERS = 6  # The most orders that a writer has at a time.


class Write(NamedTuple):
    version: int | None
    began: float
    answered: float


class Read(NamedTuple):
    target: str
    began: float
    answered: float
    reply: Reply


class History:
    """What clients of the shop at `port` do and see. It begins with two orders of all ships."""

    def __init__(self, port):
        self.orders = {}  # id → its writes.
        self.ships = {ship: [] for ship in SHIPS}
        self.reads = []
        self._clients = RacingClients(port)
        with Connection(port) as connection:
            for ship in SHIPS:
                self.replace_ship(connection, ship, 0)
            for _ in range(2):
                self.create_order(connection, 1, SHIPS)

    def run(self, until, order_writers=2, readers=3):
        """Writes and lists until `until()` is true."""
        clients = [self._write_orders] * order_writers + [self._write_ships] + [self._list] * readers
        self._clients.run(clients, until)

    def writes(self):
        return sum(len(writes) for writes in [*self.orders.values(), *self.ships.values()])

    def _write_orders(self, connection, rng):
        mine, version = [], 1
        while not self._clients.stopping.is_set():
            version += 1
            if len(mine) < ORDERS:
                mine.append(self.create_order(connection, version))
            elif rng.random() < 0.5:
                self.update_order(connection, rng.choice(mine), version)
            else:
                self.delete_order(connection, mine.pop(rng.randrange(ORDERS)))
            self._list_some(connection, rng)

    def _write_ships(self, connection, rng):
        version = 0
        while not self._clients.stopping.is_set():
            version += 1
            ship = rng.choice(SHIPS)
            if ship != SHIPS[0] and self.ships[ship][-1].version is not None and rng.random() < 0.5:
                self.delete_ship(connection, ship)
            else:
                self.replace_ship(connection, ship, version)
            self._list_some(connection, rng)

    def _list_some(self, connection, rng):
        for page in rng.sample(self.some_pages(rng), 3):
            self.list(connection, page)

    def _list(self, connection, rng):
        while not self._clients.stopping.is_set():
            self._list_some(connection, rng)

    def some_pages(self, rng):
        middle = rng.choice(list(self.orders)[-3 * ORDERS :])
        pages = ["/orders?limit=1000", "/orders?limit=5", f"/orders?limit=5&after={middle}"]
        return [page + expand for page in pages for expand in ("", "&expand=product")]

    def create_order(self, connection, version, ships=SHIPS[:1]):
        body = an_order(*[a_detail(ship, quantity=version) for ship in ships])
        write, reply = self._write(connection, version, "POST /orders", body)
        order_id = json.loads(reply.body)["id"]
        self.orders[order_id] = [write]
        return order_id

    def update_order(self, connection, order_id, version):
        order = json.loads(connection(f"GET /orders/{order_id}").body)
        (detail,) = order["order_details"]
        body = {"order_details": [{"id": detail["id"], "quantity": version}]}
        self.orders[order_id].append(self._write(connection, version, f"PATCH /orders/{order_id}", body)[0])

    def delete_order(self, connection, order_id):
        self.orders[order_id].append(self._write(connection, None, f"DELETE /orders/{order_id}")[0])

    def replace_ship(self, connection, ship, version):
        body = a_product(ship, maximum_speed=version)
        self.ships[ship].append(self._write(connection, version, "POST /products", body)[0])

    def delete_ship(self, connection, ship):
        self.ships[ship].append(self._write(connection, None, f"DELETE /products/{ship}")[0])

    def _write(self, connection, version, request, body=None):
        began = time.perf_counter()
        reply = connection(request, body)
        answered = time.perf_counter()
        assert reply.status in (200, 204), (request, body, reply)
        return Write(version, began, answered), reply

    def list(self, connection, target):
        began = time.perf_counter()
        reply = connection(f"GET {target}")
        answered = time.perf_counter()
        assert reply.status == 200, (target, reply)
        self.reads.append(Read(target, began, answered, reply))

    def stale_reads(self):
        """The reads that lack a write answered before they began, or show what nobody wrote. Each has its faults."""
        pages = {}  # Most reads share their page with others.
        alive = dict(self.orders)
        stale = []
        for number, read in enumerate(sorted(self.reads, key=lambda read: read.began)):
            if number % 100 == 0:
                alive = {order_id: writes for order_id, writes in alive.items() if not is_over(writes, read.began)}
            key = (read.target, read.reply.body, read.reply.header("Link"))
            if key not in pages:
                pages[key] = parse(read)
            page = pages[key]
            faults = [
                f"order {order_id}: {version}" for order_id, version in page.orders.items() if order_id not in alive
            ]
            faults += [
                f"order {order_id}: {page.orders.get(order_id)}"
                for order_id, writes in alive.items()
                if page.covers(order_id) and not may_show(page.orders.get(order_id), writes, read)
            ]
            if page.last < float("inf") and not any(
                may_follow(order_id, writes, page, read) for order_id, writes in alive.items()
            ):
                faults.append("a link, and no order that follows")
            faults += [
                f"{ship}: {version}" for ship, version in page.ships if not may_show(version, self.ships[ship], read)
            ]
            if faults:
                stale.append((read.target, faults))
        return stale


def is_over(writes, moment):
    return writes[-1].version is None and writes[-1].answered < moment


def may_show(version, writes, read):
    """Whether a read may show this version. Allowed are that of the last write that was answered before the read began,
    and those of the writes that ran at the same time."""
    first = bisect_left(writes, read.began, key=lambda write: write.answered)
    before = writes[first - 1].version if first else None
    at_the_same_time = takewhile(lambda write: write.began <= read.answered, islice(writes, first, None))
    return version == before or any(version == write.version for write in at_the_same_time)


def may_follow(order_id, writes, page, read):
    return order_id > page.last and any(may_show(write.version, writes, read) for write in writes if write.version)


class Page(NamedTuple):
    after: int
    last: int | float
    orders: dict  # id → version.
    ships: set  # Of (id, version).

    def covers(self, order_id):
        return self.after < order_id <= self.last


def parse(read):
    orders = json.loads(read.reply.body)
    after = re.search(r"after=(\d+)", read.target)
    details = [detail for order in orders for detail in order["order_details"] if "product" in detail]
    return Page(
        after=int(after[1]) if after else 0,
        last=orders[-1]["id"] if read.reply.header("Link") else float("inf"),
        orders={order["id"]: order["order_details"][0]["quantity"] for order in orders},
        ships={(d["product_id"], d["product"] and d["product"]["maximum_speed"]) for d in details},
    )
