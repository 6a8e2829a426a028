"""Random requests: the shop answers each as the model does, and in the end it holds the same.

MODEL_SEED repeats a sequence, MODEL_REQUESTS makes it longer.
"""

import json
import os
import random
from urllib.parse import quote

import pytest

from shop.client import Client
from model import Model, Reply
from shop.samples import a_detail, a_product, next_page, product_path
from shop.stack import wait_for

SEED = int(os.environ.get("MODEL_SEED", random.randrange(10**9)))
REQUESTS = int(os.environ.get("MODEL_REQUESTS", 2000))

IMAGE_ROOTS = {"stack": "http://www.example.com/airship/images", "second_stack": "https://cdn.example.com/airships"}
LAST_IDS = """
SELECT o.last_value - CASE WHEN o.is_called THEN 0 ELSE 1 END, d.last_value - CASE WHEN d.is_called THEN 0 ELSE 1 END
FROM orders_id_seq AS o, order_details_id_seq AS d
"""

PRODUCT_IDS = ["the_odyssey", "a b", "a%41", '"quoted"', "\u00e9", "\U0001f6f8", "+", "p" * 128]
TITLES = ["The Odyssey", '"', "\u00e9\n", "\x01" * 256]
PRICES = ["0", "100000.99", 7, 12.5, "0001.10", "9999999999999999.99"]
KEYS = ["", "a b", "\u00e9", "k" * 256] + [f"key-{number}" for number in range(30)]
WRONG_VALUES = [None, True, -1, 2**31, 2**63, 1.5, "", "x", "1.234", "x" * 257, "a/b", "..", [], {}]
WRONG_BODIES = [b"", b"{", b"[]", b"null", b'"x"', b"{} {}", b"\xff"]
WRONG_QUERIES = ["limit=0", "limit=1001", "limit=", "after=", "after=a/b", "limit=1&limit=1", "expand=all", "expand="]


class Customer:
    """Makes up requests, most of them right; of a fault it has heard that orders and details have ids."""

    def __init__(self, rng, model):
        self._rng, self._model = rng, model
        self._old_ids = [0]

    def request(self):
        """A request, its body in bytes or nothing, and its Idempotency-Key or nothing."""
        kinds = {
            self._write_product: 8,
            self._read_product: 3,
            self._create_order: 9,
            self._update_order: 8,
            self._read_order: 3,
            self._delete_order: 1,
            self._list: 8,
        }
        (kind,) = self._rng.choices(list(kinds), kinds.values())
        request, body, key = (*kind(), None, None)[:3]
        return request, body if body is None else self._encoded(body), key

    def _encoded(self, body):
        if self._rng.random() < 0.03:
            return self._rng.choice(WRONG_BODIES)
        return json.dumps(self._spoilt(body) if self._rng.random() < 0.15 else body).encode()

    def _spoilt(self, value):
        """With a fault somewhere inside, or, of an unknown field, none."""
        if not isinstance(value, (dict, list)) or not value or self._rng.random() < 0.1:
            return self._rng.choice(WRONG_VALUES)
        value = value.copy()
        place = self._rng.choice(list(value) if isinstance(value, dict) else range(len(value)))
        if self._rng.random() < 0.2:
            del value[place]
        else:
            value[place] = self._spoilt(value[place])
        return value

    def _product_id(self):
        return self._rng.choice(PRODUCT_IDS)

    def _write_product(self):
        method = self._rng.choice(["POST"] * 5 + ["PUT", "PUT", "PATCH", "PATCH", "DELETE"])
        product_id = self._product_id()
        product = a_product(product_id, title=self._rng.choice(TITLES), in_stock=self._rng.choice([0, 20, 1000]))
        if method == "POST":
            return "POST /products", product
        if method == "DELETE":
            return ("DELETE " + product_path(product_id),)
        if method == "PATCH":
            product = dict(self._rng.sample(list(product.items()), self._rng.randrange(4)))
        return f"{method} {product_path(product_id)}", product

    def _read_product(self):
        return (f"{self._rng.choice(['GET', 'HEAD'])} {product_path(self._product_id())}",)

    def _price_and_quantity(self):
        return {"price": self._rng.choice(PRICES), "quantity": self._rng.randint(1, 5)}

    def _create_order(self):
        if self._rng.random() < 0.08:
            details = [a_detail(self._product_id())] * 100
        else:
            count = self._rng.randint(1, 4)
            details = [{"product_id": self._product_id()} | self._price_and_quantity() for _ in range(count)]
        key = self._rng.choice(KEYS) if self._rng.random() < 0.3 else None
        if key and self._rng.random() < 0.7:  # A body of the key's own, so that it is the same each time.
            details = [a_detail(PRODUCT_IDS[0], quantity=1 + len(key) % 3)]
        return "POST /orders", {"order_details": details}, key

    def _order_id(self):
        """Of an order that exists, did once, or might."""
        ids = self._model.order_ids()
        order_id = self._rng.choice(ids if ids and self._rng.random() < 0.9 else self._old_ids)
        self._old_ids.append(self._rng.choice([order_id, order_id + 1000, 2**63 - 1, 2**63]))
        return order_id

    def _read_order(self):
        return (f"{self._rng.choice(['GET', 'HEAD'])} /orders/{self._order_id()}",)

    def _update_order(self):
        order_id, method = self._order_id(), self._rng.choice(["PUT", "PATCH"])
        ids = self._model.detail_ids(order_id)
        details = [{"id": detail_id} | self._price_and_quantity() for detail_id in ids]
        self._rng.shuffle(details)
        if method == "PATCH":
            details = details[: self._rng.randint(0, len(details))]
            for detail in details:
                detail.pop(self._rng.choice(["price", "quantity", "nothing"]), None)
        return f"{method} /orders/{order_id}", {"order_details": details}

    def _delete_order(self):
        return (f"DELETE /orders/{self._order_id()}",)

    def _list(self):
        kind = self._rng.choice(["products", "orders", "orders"])
        after = quote(self._product_id()) if kind == "products" else self._order_id()
        parameters = ["", f"limit={self._rng.choice([1, 2, 5, 100, 1000])}", f"after={after}", "x=y"]
        if kind == "orders":
            parameters.append("expand=product")
        chosen = self._rng.sample(parameters, self._rng.randint(0, 3))
        if self._rng.random() < 0.05:
            chosen = [self._rng.choice(WRONG_QUERIES)]
        return (f"{self._rng.choice(['GET', 'GET', 'HEAD'])} /{kind}?{'&'.join(chosen)}",)


class Comparison:
    """Asks both, and fails with all that it takes to see why they differ."""

    def __init__(self, shop, model):
        self._shop, self._model = shop, model
        self._asked = []

    def __call__(self, request, body=None, key=None):
        self._asked.append((request, body, key))
        expected = self._model(request, body, key)
        answer = self._shop(request, body, {} if key is None else {"Idempotency-Key": key.encode()})
        found = Reply(answer.outcome, content(answer, expected.json), next_page(answer))
        assert found == expected, self._difference(str(expected), str(found))
        return expected

    def _difference(self, expected, found):
        start = max(0, len(os.path.commonprefix([expected, found])) - 300)
        last = [str(asked)[:500] for asked in self._asked[-20:]]
        return "\n".join(
            [
                f"MODEL_SEED={SEED} {len(self._asked)} requests, of which the last are:",
                *last,
                "",
                f"the model: ...{expected[start:start + 1000]}",
                "",
                f"the shop: ...{found[start:start + 1000]}",
            ]
        )


def content(answer, expected):
    if not answer.body or answer.status >= 400 and expected is None:
        return None
    if answer.outcome == "400 VALIDATION_ERROR":
        return answer.fields
    return answer.json if answer.status == 200 else answer.json["message"]


@pytest.mark.parametrize("stack_name", ["stack", "second_stack"], ids=["backorder", "reject"])
def test_the_shop_is_as_the_model(request, stack_name):
    stack = request.getfixturevalue(stack_name)
    stack.wipe()
    print(f"MODEL_SEED={SEED}")
    ((order_id, detail_id),) = stack.postgres(LAST_IDS)
    model = Model(IMAGE_ROOTS[stack_name], stack_name == "second_stack", int(order_id), int(detail_id))
    ask = Comparison(Client(stack.port), model)
    customer = Customer(random.Random(f"{SEED} {stack_name}"), model)
    for _ in range(REQUESTS):
        ask(*customer.request())
    for target in ("/products?limit=3", "/orders?limit=100", "/orders?limit=1000&expand=product"):
        while target:
            target = ask(f"GET {target}").next_page
    assert_movements(stack, model)


def assert_movements(stack, model):
    """Each change of an order is one movement and one event, and none is under way."""
    wait_for(lambda: stack.redis("XLEN", "orders:events") >= len(model.events), "the last event")
    told = []
    for _, words in stack.redis("XRANGE", "orders:events", "-", "+"):
        fields = dict(zip(words[::2], words[1::2]))
        told.append([fields["event"], fields["order_id"], fields["movement_id"]])
    assert sorted((event, int(order_id)) for event, order_id, _ in told) == sorted(model.events)
    assert sorted(told) == sorted(stack.postgres("SELECT 'order_' || kind, order_id, id FROM stock_movements"))
    assert stack.redis("HLEN", "stock:pending") == 0
