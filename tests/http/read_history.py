"""Clients that write a few products and orders, and clients that read them all the time, each in several ways. A history
of what each of them did and saw: was any read stale?

Each writer has its own products and orders, so it knows what each of them must be after each of its writes: a product's
document, the quantities of an order's details, or None if it is gone. A write of an order moves the stock of its products.
"""

import json
import time
from functools import partial
from typing import NamedTuple
from urllib.parse import quote, unquote

from list_history import Write, is_over, may_show
from racing_clients import RacingClients
from shop.connection import Connection, HungUp, Reply
from shop.samples import a_detail, a_product, an_order, product_path

WRITERS, READERS = 3, 6
ORDERS = 2  # The most that a writer has at a time.
PAGES = ["/products?limit=500", "/orders?limit=1000&expand=product"]
PAUSE = 0.01  # Seconds between two writes of a client: otherwise hardly any read would be a hit.


class Read(NamedTuple):
    target: str  # In its canonical spelling.
    began: float
    answered: float
    reply: Reply


def spellings(target):
    """Targets that mean the same."""
    if "?" in target:
        return [target]
    path, _, name = target.rpartition("/")
    one_letter = f"{path}/%{ord(name[0]):02x}{name[1:]}"
    all_letters = f"{path}/" + "".join(f"%{byte:02X}" for byte in unquote(name).encode())
    return [target, target, target, one_letter, all_letters]


class ReadHistory:
    """What clients of the shop at `port` do and see."""

    def __init__(self, port):
        self.writes = {}  # Target → what it became, in the order in which that happened.
        self.reads = []
        self.bodies = {}  # (target, tag) → the document that it is the tag of.
        self._tags = {}  # Target → the tag that was seen last.
        self._port = port
        self._clients = RacingClients(port)

    def run(self, until):
        """Writes and reads until `until()` is true."""
        writers = [partial(self._write, number) for number in range(WRITERS)]
        self._clients.run([*writers, *[self._read] * READERS], until)

    def _write(self, number, connection, rng):
        writer = Writer(number, self._write_alone, rng, self.writes)
        while not self._clients.stopping.wait(PAUSE):
            writer.write_something()
            # Nobody knows better than the writer what must be there now.
            for target in rng.sample(writer.targets(), 2):
                self.read(connection, rng, target)

    def _write_alone(self, request, body=None):
        """On a new connection, which no reload closes before it is answered."""
        with Connection(self._port) as connection:
            return connection(request, body)

    def _read(self, connection, rng):
        while not self._clients.stopping.is_set():
            target = rng.choice([*list(self.writes)[-12:], *PAGES])
            for _ in range(15):
                self.read(connection, rng, target)

    def read(self, connection, rng, target):
        method = rng.choice(["GET", "GET", "HEAD"])
        tag = rng.choice([None, self._tags.get(target)])
        headers = {"If-None-Match": tag} if tag else {}
        began = time.perf_counter()
        try:
            reply = connection(f"{method} {rng.choice(spellings(target))}", headers=headers)
        except (HungUp, ConnectionError):
            return connection.renew()
        answered = time.perf_counter()
        assert reply.status in (200, 404, *([304] if tag else [])), (target, reply)
        if method == "GET" and reply.status == 200:
            self._tags[target] = reply.header("ETag")
            self.bodies[target, self._tags[target]] = json.loads(reply.body)
        self.reads.append(Read(target, began, answered, reply))

    def stale_reads(self):
        """The reads that lack a write answered before they began, or show what nobody wrote; and how many were looked
        at. Not looked at is a HEAD with a tag that no GET has shown."""
        stale, checked, alive = [], 0, list(self.writes)
        for number, read in enumerate(sorted(self.reads, key=lambda read: read.began)):
            if number % 100 == 0:
                alive = [target for target in alive if not is_over(self.writes[target], read.began)]
            tag = read.reply.header("ETag")
            if read.reply.status != 404 and (read.target, tag) not in self.bodies:
                continue
            checked += 1
            things = things_of(read, self.bodies.get((read.target, tag)), alive)
            faults = [target for target, document in things if not may_show(document, self.writes[target], read)]
            if faults:
                stale.append((read.target, read.reply.status, read.reply.header("X-Cache"), faults))
        return stale, checked


def things_of(read, shown, alive):
    """What a read says about each thing: pairs of target and document. A list says it about all that are `alive`."""
    if read.target not in PAGES:
        return parts_of(read.target, shown)
    kind = read.target.partition("?")[0]
    by_target = {f"{kind}/{quote(str(thing['id']), safe='')}": thing for thing in shown}
    targets = by_target.keys() | {target for target in alive if target.startswith(kind + "/")}
    return [part for target in targets for part in parts_of(target, by_target.get(target))]


def parts_of(target, document):
    """An order shows its products. Each is written for itself: a write of an order is seen in its products first."""
    if not document or "order_details" not in document:
        return [(target, document)]
    details = document["order_details"]
    order = {(detail["id"], detail["product_id"]): detail["quantity"] for detail in details}
    return [(target, order)] + [(product_path(detail["product_id"]), detail["product"]) for detail in details]


class Writer:
    """Keeps `writes` of its own products and orders. `send` sends a request and returns the reply."""

    def __init__(self, number, send, rng, writes):
        self._ask_shop, self._random, self._writes = send, rng, writes
        self._products = {f"airship é{number}": None, f"ship_{number}": None}  # id → document.
        self._orders = {}  # id → quantities by detail id and product: {(detail id, product id): quantity}
        self._version = 0
        for product_id in self._products:
            self._replace(product_id)

    def targets(self):
        return [product_path(product_id) for product_id in self._products] + [f"/orders/{i}" for i in self._orders]

    def write_something(self):
        self._version += 1
        product_id = self._random.choice(list(self._products))
        if self._products[product_id] is None:
            return self._replace(product_id)
        choices = [self._replace, self._put, self._patch, self._delete]
        if len(self._orders) < ORDERS:
            choices += [self._create_order] * 3
        else:
            choices += [self._patch_order, self._patch_order, self._delete_order]
        return self._random.choice(choices)(product_id)

    def _fields(self, product_id):
        return a_product(product_id, maximum_speed=self._version, in_stock=1000)

    def _replace(self, product_id):
        self._send("POST /products", self._fields(product_id), {product_id: self._fields(product_id)})

    def _put(self, product_id):
        self._send(f"PUT {product_path(product_id)}", self._fields(product_id), {product_id: self._fields(product_id)})

    def _patch(self, product_id):
        change = {"title": f"Version {self._version}"}
        self._send(f"PATCH {product_path(product_id)}", change, {product_id: self._products[product_id] | change})

    def _delete(self, product_id):
        self._send(f"DELETE {product_path(product_id)}", None, {product_id: None})

    def _create_order(self, _):
        wanted = [product_id for product_id, product in self._products.items() if product]
        details = [a_detail(product_id, quantity=self._random.randint(1, 9)) for product_id in wanted]
        moved = {detail["product_id"]: -detail["quantity"] for detail in details}
        began, reply = self._ask("POST /orders", an_order(*details))
        order_id = json.loads(reply.body)["id"]
        # It was answered before this read, which shows the ids of the details.
        answered = time.perf_counter()
        shown = json.loads(self._ask_shop(f"GET /orders/{order_id}").body)
        ids = [detail["id"] for detail in shown["order_details"]]
        self._orders[order_id] = {(i, detail["product_id"]): detail["quantity"] for i, detail in zip(ids, details)}
        self._note(began, answered, self._moved(moved), order_id)

    def _patch_order(self, _):
        order_id = self._random.choice(list(self._orders))
        (detail_id, product_id), before = self._random.choice(list(self._orders[order_id].items()))
        # Of a product that is gone nothing more can be taken.
        quantity = self._random.randint(1, 9 if self._products[product_id] else before)
        body = {"order_details": [{"id": detail_id, "quantity": quantity}]}
        began, _ = self._ask(f"PATCH /orders/{order_id}", body)
        answered = time.perf_counter()
        self._orders[order_id][detail_id, product_id] = quantity
        self._note(began, answered, self._moved({product_id: before - quantity}), order_id)

    def _delete_order(self, _):
        order_id = self._random.choice(list(self._orders))
        began, _ = self._ask(f"DELETE /orders/{order_id}")
        answered = time.perf_counter()
        back = {product_id: quantity for (_, product_id), quantity in self._orders.pop(order_id).items()}
        self._note(began, answered, self._moved(back), order_id)

    def _moved(self, quantities):
        """The products as they are after their stock has moved."""
        existing = {i: product for i, product in self._products.items() if product and i in quantities}
        return {i: product | {"in_stock": product["in_stock"] + quantities[i]} for i, product in existing.items()}

    def _send(self, request, body, products):
        began, _ = self._ask(request, body)
        self._note(began, time.perf_counter(), products)

    def _ask(self, request, body=None):
        began = time.perf_counter()
        reply = self._ask_shop(request, body)
        assert reply.status in (200, 204), (request, body, reply)
        return began, reply

    def _note(self, began, answered, products, order_id=None):
        """Notes what a write has made of products, and of an order."""
        self._products |= products
        now = {product_path(product_id): product for product_id, product in products.items()}
        if order_id:
            now[f"/orders/{order_id}"] = dict(self._orders[order_id]) if order_id in self._orders else None
        for target, document in now.items():
            self._writes.setdefault(target, []).append(Write(document, began, answered))
