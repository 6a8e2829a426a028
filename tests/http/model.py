"""A model of the shop: what docs/api.md says that it answers to a request after all earlier requests.

The model takes well-formed requests only. Other tests check the answers to malformed ones.
"""

import json
from collections import Counter
from decimal import Decimal
from itertools import count
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote


class Reply(NamedTuple):
    """The outcome as in shop.client.Answer; for a 200 also the body, and the target of the Link to the next page."""

    outcome: str
    json: object = None
    next_page: str | None = None


class Refusal(Exception):
    """Its argument is the outcome."""


def require(condition, outcome):
    if not condition:
        raise Refusal(outcome)


def details(body):
    """The details in a request's body, with prices as the shop shows them."""
    given = body.get("order_details", [])
    return [d | ({"price": f"{Decimal(str(d['price'])):.2f}"} if "price" in d else {}) for d in given]


class Model:
    """`model("POST /orders", body, key)` returns the Reply. Ids of new orders and details follow the given ones."""

    def __init__(self, image_root, rejects, last_order_id, last_detail_id):
        self._image_root, self._rejects = image_root, rejects
        self._order_ids, self._detail_ids = count(last_order_id + 1), count(last_detail_id + 1)
        self._products, self.orders = {}, {}  # By id; an order is a dict of its details by their ids.
        self._keys = {}  # Idempotency key → (body, order id).
        self.events = []

    def __call__(self, request, body=None, key=None):
        method, target = request.split(" ")
        path, _, query = target.partition("?")
        kind, _, item = path[1:].partition("/")
        item = int(item) if item and kind == "orders" else unquote(item)
        try:
            if method == "POST":
                return Reply("200", {"id": self._create_order(body, key) if kind == "orders" else self._create(body)})
            if not item:
                return self._page(kind, **dict(parse_qsl(query)))
            if method in ("PUT", "PATCH"):
                (self._update_order if kind == "orders" else self._update)(item, body, method == "PATCH")
            shown = self._shown(kind, item)
            if method == "DELETE":
                (self._delete_order if kind == "orders" else self._products.pop)(item)
            return Reply("204") if method == "DELETE" else Reply("200", shown)
        except Refusal as refusal:
            return Reply(*refusal.args)

    def _page(self, kind, limit="100", after="", expand="", **_):
        ids = self._products if kind == "products" else self.orders
        ids = sorted(i for i in ids if i > (after if kind == "products" else int(after or 0)))
        shown = [self._shown(kind, i, bool(expand)) for i in ids[: int(limit)]]
        next_page = f"/{kind}?limit={limit}&after={quote(str(shown[-1]['id']), safe='')}" if shown else ""
        return Reply("200", shown, next_page + "&expand=product" * bool(expand) if len(ids) > len(shown) else None)

    def _shown(self, kind, item, expand=True):
        if kind == "products":
            require(item in self._products, "404 PRODUCT_NOT_FOUND")
            return self._products[item]
        require(item in self.orders, "404 ORDER_NOT_FOUND")
        shown = [detail | (self._expansion(detail) if expand else {}) for detail in self.orders[item].values()]
        return {"id": item, "order_details": shown}

    def _expansion(self, detail):
        image = f"{self._image_root}/{quote(detail['product_id'], safe='')}.jpg"
        return {"image": image, "product": self._products.get(detail["product_id"])}

    def _create(self, product):
        self._products[product["id"]] = product
        return product["id"]

    def _create_order(self, body, key):
        wanted, body = details(body), json.dumps(body)
        used_body, order_id = self._keys.get(key, (body, None))
        require(used_body == body, "422 IDEMPOTENCY_KEY_REUSED")
        if order_id is None:
            self._move([], wanted)
            order_id = next(self._order_ids)
            self.orders[order_id] = {i: {"id": i} | detail for detail, i in zip(wanted, self._detail_ids)}
            self.events.append(("order_created", order_id))
            self._keys |= {} if key is None else {key: (body, order_id)}
        return order_id

    def _update(self, product_id, fields, is_patch):
        self._products[product_id] = self._shown("products", product_id) | fields

    def _update_order(self, order_id, body, is_patch):
        self._shown("orders", order_id)
        before, changes = self.orders[order_id], {detail["id"]: detail for detail in details(body)}
        is_whole = changes.keys() == before.keys()
        require(is_whole or is_patch and changes.keys() <= before.keys(), "400 VALIDATION_ERROR")
        after = before | {i: before[i] | change for i, change in changes.items()}
        if after != before:
            self._move(before.values(), after.values())
            self.orders[order_id] = after
            self.events.append(("order_updated", order_id))

    def _delete_order(self, order_id):
        self._move(self.orders.pop(order_id).values(), [])
        self.events.append(("order_deleted", order_id))

    def _move(self, before, after):
        """Moves stock by the difference of two lists of details."""
        moved = Counter()
        for sign, held in ((-1, before), (1, after)):
            for detail in held:
                moved[detail["product_id"]] += sign * detail["quantity"]
        taken = {i: quantity for i, quantity in moved.items() if quantity > 0}
        require(taken.keys() <= self._products.keys(), "404 PRODUCT_NOT_FOUND")
        suffices = all(self._products[i]["in_stock"] >= quantity for i, quantity in taken.items())
        require(suffices or not self._rejects, "409 INSUFFICIENT_STOCK")
        for product in [self._products[i] for i in moved if i in self._products]:
            self._products[product["id"]] = product | {"in_stock": product["in_stock"] - moved[product["id"]]}
