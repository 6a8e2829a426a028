"""Clients that keep a shop busy and record every answer; and the check that the stock adds up."""

import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from functools import partial

from shop import stores
from shop.background import CLIENTS, Background
from shop.samples import a_detail, a_product, an_order

PRODUCTS = [f"ship_{number}" for number in range(5)]
STOCKED = 1_000_000
SUCCESS = (200, 204)


class Load(Background):
    """During its `with` block eight clients, each on its own connection, read, create, change and delete orders."""

    def __init__(self, port):
        super().__init__([partial(self._run, seed) for seed in range(CLIENTS)])
        self.outcomes = Counter()
        self.failed = []  # (when it was sent, its client, its outcome).
        self.orders = {}  # id → (quantity acknowledged last, 0 if deleted; number of acknowledgements).
        self.unsure = set()  # Orders of which a change or the deletion has failed: it may have happened.
        self._port = port
        self._lock = threading.Lock()

    def __enter__(self):
        connection = self.connect(0)
        for product_id in PRODUCTS:
            status, _ = ask(connection, "POST", "/products", a_product(product_id, in_stock=STOCKED))
            assert status == 200
        connection.close()
        return super().__enter__()

    def connect(self, _client):
        """A connection for the client of this number. It opens when it is used, and again after it was closed."""
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)

    def answered(self):
        with self._lock:
            return self.outcomes.total()

    def acknowledged(self):
        with self._lock:
            return dict(self.orders)

    def failures(self):
        return dict(Counter(outcome for *_, outcome in self.failed))

    def _run(self, seed):
        rng = random.Random(seed)
        connection = self.connect(seed)
        mine = []
        while not self.stopping.is_set():
            choice = rng.random()
            if choice < 0.45 or not mine:
                self._create(connection, rng, mine)
            elif choice < 0.55:
                self._change(connection, rng.choice(mine), rng)
            elif choice < 0.65:
                self._delete(connection, mine.pop(rng.randrange(len(mine))))
            elif choice < 0.85:
                self._note("GET", connection, f"/orders/{rng.choice(mine)}")
            else:
                self._note("GET", connection, f"/products/{rng.choice(PRODUCTS)}")
        connection.close()

    def _create(self, connection, rng, mine):
        detail = a_detail(rng.choice(PRODUCTS), quantity=rng.randint(1, 5))
        key = {"Idempotency-Key": str(uuid.uuid4())}
        status, order = self._note("POST", connection, "/orders", an_order(detail), key)
        if status == 200:
            mine.append(order["id"])
            self._acknowledge(order["id"], detail["quantity"])

    def _change(self, connection, order_id, rng):
        status, order = self._note("GET", connection, f"/orders/{order_id}")
        if status != 200:
            return
        method = rng.choice(["PUT", "PATCH"])
        change = {"id": order["order_details"][0]["id"], "price": "2.50", "quantity": rng.randint(1, 5)}
        status, _ = self._note(method, connection, f"/orders/{order_id}", {"order_details": [change]})
        self._acknowledge_if(status == 200, order_id, change["quantity"])

    def _delete(self, connection, order_id):
        status, _ = self._note("DELETE", connection, f"/orders/{order_id}")
        self._acknowledge_if(status == 204, order_id, 0)

    def _acknowledge_if(self, succeeded, order_id, quantity):
        if succeeded:
            self._acknowledge(order_id, quantity)
        else:
            self.unsure.add(order_id)

    def _acknowledge(self, order_id, quantity):
        with self._lock:
            self.orders[order_id] = quantity, self.orders.get(order_id, (0, 0))[1] + 1

    def _note(self, method, connection, path, *body_and_headers):
        sent = time.monotonic()
        try:
            status, answer = ask(connection, method, path, *body_and_headers)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            status, answer = type(error).__name__, None
        with self._lock:
            self.outcomes[f"{method} {status}"] += 1
            if status not in SUCCESS:
                self.failed.append((sent, threading.current_thread().name, f"{method} {status}"))
        return status, answer


def ask(connection, method, path, body=None, headers=None):
    connection.request(method, path, body and json.dumps(body), headers or {})
    response = connection.getresponse()
    text = response.read()
    return response.status, json.loads(text) if text else None


def wrong_stocks(shop, stocked=STOCKED):
    """The products for which in_stock is not `stocked` minus what the orders hold."""
    held = stores.held(shop.postgres)
    found = {
        name: (stocked, held.get(name, 0), int(shop.redis.hget(f"products:{name}", "in_stock"))) for name in PRODUCTS
    }
    return {name: (stocked, holds, left) for name, (stocked, holds, left) in found.items() if stocked - holds != left}


def quantities(shop):
    return dict(shop.postgres("SELECT order_id, quantity FROM order_details"))
