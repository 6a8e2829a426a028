"""A client that loses no order in any outage, and makes none twice, as docs/api.md promises.

It repeats a request that was answered 503, unless that might create a second order. It records what each answer means.
"""

import random
import threading
import time
from collections import Counter

from shop.client import Client
from shop.samples import a_detail, an_order

# nginx gives a worker up after 15 seconds. What it had asked the worker for may still happen, at any later time.
GIVEN_UP_SECONDS = 12

READS = 12


class CarefulClient:
    """Creates, updates, reads and deletes its own orders until stop(), then finishes its last request.

    The price of an order's first detail is the order's mark: each order that the client wants has its own.
    """

    def __init__(self, port, number, products, seed):
        self.orders = {}  # id → a list of the contents that the order may have; a single one once it was acknowledged.
        self.deleted = set()
        self.maybe_created = set()  # The marks of orders without a key whose creation has an unknown outcome.
        self.counts = Counter()
        self.failure = None  # The exception that has ended the client, if there was one.
        self._api = Client(port)
        self._products = products
        self._random = random.Random(f"{seed} client {number}")
        self._marks = iter(range(number * 10**9, (number + 1) * 10**9))
        self._mine = []
        self._stopping = threading.Event()
        self._deadline = None
        self._thread = threading.Thread(target=self._run)

    def start(self):
        self._thread.start()

    def stop(self, seconds=60):
        """Lets it finish its last request. It fails if that is not answered within `seconds`."""
        self._deadline = time.monotonic() + seconds
        self._stopping.set()

    def join(self):
        self._thread.join()

    def _run(self):
        try:
            while not self._stopping.is_set():
                self._do_something()
        except Exception as error:
            self.failure = error

    def _do_something(self):
        choice = self._random.random()
        if choice < 0.5 or not self._mine:
            self._create()
        elif choice < 0.75:
            self._update(self._random.choice(self._mine))
        elif choice < 0.9:
            self._read(self._random.choice(self._mine))
        else:
            self._delete(self._mine.pop(self._random.randrange(len(self._mine))))

    def _create(self):
        mark = next(self._marks)
        details = [self._a_detail(product_id) for product_id in self._random.choices(self._products, k=3)]
        details[0]["price"] = f"{mark}.00"
        key = {"Idempotency-Key": f"key-{mark}"} if self._random.random() < 0.5 else None
        answer = self._insist("POST /orders", an_order(*details), key, may_repeat=key is not None)
        if answer.outcome == "200":
            self.orders[answer.json["id"]] = [contents(details)]
            self._mine.append(answer.json["id"])
        else:
            self.maybe_created.add(mark)

    def _a_detail(self, product_id):
        price = f"{self._random.randrange(1000)}.{self._random.randrange(100):02}"
        return a_detail(product_id, price=price, quantity=self._random.randint(1, 9))

    def _update(self, order_id):
        details = self._read(order_id)
        method = self._random.choice(["PUT", "PATCH"])
        named = details if method == "PUT" else details[:2]
        named[0]["quantity"] = self._random.randint(1, 9)
        for detail in named[1:]:
            detail |= self._a_detail(detail["product_id"])
        before = self.orders[order_id]
        self.orders[order_id] = before + [contents(details)]
        began = time.monotonic()
        answer = self._insist(f"{method} /orders/{order_id}", {"order_details": named})
        assert answer.outcome == "200", (order_id, answer)
        assert contents(answer.json["order_details"]) == contents(details), (order_id, answer)
        if time.monotonic() - began < GIVEN_UP_SECONDS:
            self.orders[order_id] = [contents(details)]
        else:
            self._mine.remove(order_id)

    def _delete(self, order_id):
        tries = self.counts["retried"]
        answer = self._insist(f"DELETE /orders/{order_id}")
        # If the order is gone already, an earlier try has deleted it.
        is_gone = answer.outcome == "404 ORDER_NOT_FOUND" and self.counts["retried"] > tries
        assert is_gone or answer.outcome == "204", (order_id, answer)
        del self.orders[order_id]
        self.deleted.add(order_id)

    def _read(self, order_id):
        """Several times, so that answers come from nginx's cache, too."""
        for _ in range(READS):
            answer = self._insist(f"GET /orders/{order_id}")
            self.counts[f"reads: {answer.headers['X-Cache']}"] += 1
            assert answer.outcome == "200", (order_id, answer)
            details = answer.json["order_details"]
            assert contents(details) in self.orders[order_id], (order_id, answer, self.orders[order_id])
        return [{name: detail[name] for name in ("id", "product_id", "price", "quantity")} for detail in details]

    def _insist(self, request, body=None, headers=None, may_repeat=True):
        """Repeats the request while it gets a 503. Without `may_repeat` only if that says that nothing was done."""
        while True:
            answer = self._api(request, body, headers)
            self.counts["requests"] += 1
            self.counts[answer.outcome] += 1
            if answer.status != 503:
                assert answer.outcome in ("200", "204", "404 ORDER_NOT_FOUND"), (request, body, answer)
                self.counts["acknowledged"] += not request.startswith("GET")
                return answer
            if not may_repeat and "othing was changed" not in answer.json["message"]:
                return answer
            assert not self._deadline or time.monotonic() < self._deadline, (request, answer)
            self.counts["retried"] += 1
            time.sleep(self._random.uniform(0.02, 0.2))  # Less than Retry-After asks for, so that the test is hard.


def contents(details):
    return tuple((detail["product_id"], detail["price"], detail["quantity"]) for detail in details)
