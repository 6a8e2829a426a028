"""Random requests: the shop answers each as the model does, and at the end it holds the same.

MODEL_SEED repeats a sequence. MODEL_REQUESTS is its length, 2000 by default.
"""

import os
import random
from urllib.parse import quote

import pytest

from shop.client import Client
from model import Model, Reply
from shop.samples import a_detail, a_product, an_order, next_page, product_path
from shop.stack import wait_for
from shop.stores import events

SEED = int(os.environ.get("MODEL_SEED", random.randrange(10**9)))
REQUESTS = int(os.environ.get("MODEL_REQUESTS", 2000))

IMAGE_ROOTS = {"stack": "http://www.example.com/airship/images", "second_stack": "https://cdn.example.com/airships"}
LAST_IDS = """
SELECT o.last_value - CASE WHEN o.is_called THEN 0 ELSE 1 END, d.last_value - CASE WHEN d.is_called THEN 0 ELSE 1 END
FROM orders_id_seq AS o, order_details_id_seq AS d
"""

PRODUCT_IDS = ["the_odyssey", "a b", "a%41", '"quoted"', "\u00e9", "\U0001f6f8", "+", "p" * 128]
TITLES = ["The Odyssey", '"', "\u00e9\n", "x" * 256]
PRICES = ["0", "100000.99", 7, 12.5, "0001.10", "9999999999999999.99"]
WRONG = [None, True, -1, "", "x" * 257]  # Wrong for every field.


class Customer:
    """Makes up requests, most of them valid. It takes the ids of orders and details from the model."""

    def __init__(self, rng, model):
        self._rng, self._model = rng, model
        self._old_ids = [1]

    def request(self):
        """A request, its body or None, and its Idempotency-Key or None."""
        kinds = {self._write_product: 8, self._create_order: 9, self._update_order: 8, self._delete_order: 1}
        kinds |= {self._read: 6, self._list: 8}
        (kind,) = self._rng.choices(list(kinds), kinds.values())
        return (*kind(), None, None)[:3]

    def spoilt(self, value):
        """A copy of a request's body with one fault somewhere in it."""
        value = value.copy()
        place = self._rng.choice(list(value) if isinstance(value, dict) else range(len(value)))
        is_inside = isinstance(value[place], (dict, list)) and value[place] and self._rng.random() < 0.9
        value[place] = self.spoilt(value[place]) if is_inside else self._rng.choice(WRONG)
        return value

    def _product_id(self):
        return self._rng.choice(PRODUCT_IDS)

    def _order_id(self):
        """The id of an order that exists, existed once, or might exist."""
        ids = list(self._model.orders) if self._rng.random() < 0.9 else []
        order_id = self._rng.choice(ids or self._old_ids)
        self._old_ids.append(self._rng.choice([order_id, order_id + 1000]))
        return order_id

    def _write_product(self):
        method = self._rng.choice(["POST"] * 5 + ["PUT", "PUT", "PATCH", "PATCH", "DELETE"])
        product_id = self._product_id()
        product = a_product(product_id, title=self._rng.choice(TITLES), in_stock=self._rng.choice([0, 20, 1000]))
        if method == "PATCH":
            product = dict(self._rng.sample(list(product.items()), self._rng.randrange(4)))
        path = "/products" if method == "POST" else product_path(product_id)
        return f"{method} {path}", None if method == "DELETE" else product

    def _create_order(self):
        key = f"key-{self._rng.randrange(30)}" if self._rng.random() < 0.3 else None
        count = 40 if self._rng.random() < 0.08 else self._rng.randint(1, 4)
        details = [{"product_id": self._product_id()} | self._price_and_quantity() for _ in range(count)]
        if key and self._rng.random() < 0.7:  # The same body each time that the key is used.
            details = [a_detail(PRODUCT_IDS[0], quantity=int(key[4:]) + 1)]
        return "POST /orders", an_order(*details), key

    def _price_and_quantity(self):
        return {"price": self._rng.choice(PRICES), "quantity": self._rng.randint(1, 5)}

    def _update_order(self):
        order_id, method = self._order_id(), self._rng.choice(["PUT", "PATCH"])
        details = [{"id": i} | self._price_and_quantity() for i in self._model.orders.get(order_id, [1])]
        self._rng.shuffle(details)
        if method == "PATCH":
            details = details[: self._rng.randint(0, len(details))]
            for detail in details:
                detail.pop(self._rng.choice(["price", "quantity", "nothing"]), None)
        return f"{method} /orders/{order_id}", {"order_details": details}

    def _delete_order(self):
        return (f"DELETE /orders/{self._order_id()}",)

    def _read(self):
        return (f"GET {self._rng.choice([product_path(self._product_id()), f'/orders/{self._order_id()}'])}",)

    def _list(self):
        kind = self._rng.choice(["products", "orders", "orders"])
        after = quote(self._product_id()) if kind == "products" else self._order_id()
        parameters = [f"limit={self._rng.choice([1, 2, 5, 100])}", f"after={after}", "x=y"]
        parameters += ["expand=product"] if kind == "orders" else []
        return (f"GET /{kind}?{'&'.join(self._rng.sample(parameters, self._rng.randint(0, 3)))}",)


class Comparison:
    """Asks the shop and the model. If they differ it fails, and shows the last requests and the difference."""

    def __init__(self, shop, model):
        self._shop, self._model = shop, model
        self._asked = []

    def __call__(self, request, body=None, key=None):
        self._asked.append((request, body, key))
        expected = self._model(request, body, key)
        answer = self._shop(request, body, {} if key is None else {"Idempotency-Key": key})
        found = Reply(answer.outcome, answer.json if answer.status == 200 else None, next_page(answer))
        assert found == expected, self._difference(str(expected), str(found))
        return expected

    def _difference(self, expected, found):
        start = max(0, len(os.path.commonprefix([expected, found])) - 300)
        last = [str(asked)[:500] for asked in self._asked[-20:]]
        heads = [f"MODEL_SEED={SEED} {len(self._asked)} requests, of which the last are:", *last, ""]
        return "\n".join(
            [*heads, f"the model: ...{expected[start:][:1000]}", "", f"the shop: ...{found[start:][:1000]}"]
        )


@pytest.mark.parametrize("stack_name", ["stack", "second_stack"], ids=["backorder", "reject"])
def test_the_shop_answers_as_the_model(request, stack_name):
    stack = request.getfixturevalue(stack_name)
    stack.wipe()
    print(f"MODEL_SEED={SEED}")
    ((order_id, detail_id),) = stack.postgres(LAST_IDS)
    model = Model(IMAGE_ROOTS[stack_name], stack_name == "second_stack", order_id, detail_id)
    shop, rng = Client(stack.port), random.Random(f"{SEED} {stack_name}")
    ask, customer = Comparison(shop, model), Customer(rng, model)
    for _ in range(REQUESTS):
        request, body, key = customer.request()
        if body and rng.random() < 0.15:
            assert shop(request, customer.spoilt(body)).outcome == "400 VALIDATION_ERROR"
        ask(request, body, key)
    for target in ("/products?limit=3", "/orders?limit=7", "/orders?limit=100&expand=product"):
        while target:
            target = ask(f"GET {target}").next_page
    assert_movements(stack, model)


def assert_movements(stack, model):
    """Each change of an order is one movement and one event, and no movement is pending."""
    wait_for(lambda: stack.redis.xlen("orders:events") >= len(model.events), "the last event")
    told = [(entry["event"], int(entry["order_id"]), entry["movement_id"]) for entry in events(stack.redis)]
    assert sorted((event, order_id) for event, order_id, _ in told) == sorted(model.events)
    assert sorted(told) == sorted(stack.postgres("SELECT 'order_' || kind, order_id, id FROM stock_movements"))
    assert stack.redis.hlen("stock:pending") == 0
