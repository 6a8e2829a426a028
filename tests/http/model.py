"""The shop in short: what it answers to a request after all the requests before. Of the contract, not of the code."""

import json
import re
from collections import Counter
from decimal import Decimal
from itertools import count
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote

from shop.samples import MISSING, NOT_INTEGER, NOT_NUMBER, NOT_STRING, NULL

MAX_PAGE_SIZE = 1 << 20


class Reply(NamedTuple):
    """The outcome as shop.client.Answer has it; of a 200 the body, of faults the fields, of some others the message."""

    outcome: str
    json: object = None
    next_page: str | None = None


class Refusal(Exception):
    """Its arguments are those of a Reply."""


def integer(low, high):
    def said(value):
        if type(value) is not int:
            return NOT_INTEGER
        return None if low <= value <= high else [f"Must be between {low} and {high}."]

    return said


def string(is_valid, fault):
    return lambda value: NOT_STRING if not isinstance(value, str) else None if is_valid(value) else [fault]


def amount(value):
    is_number = isinstance(value, str) or type(value) in (int, float)
    return None if is_number and re.fullmatch(r"[0-9]{1,16}(\.[0-9]{1,2})?", str(value)) else NOT_NUMBER


def is_product_id(text):
    return 1 <= len(text.encode()) <= 128 and not re.search("[\x00-\x1f\x7f-\x9f/]", text) and text not in (".", "..")


# What is said of a field's value, nothing if it is right.
PRODUCT_ID = string(
    is_product_id, "Must be 1 to 128 bytes, without '/' or control characters, and neither '.' nor '..'."
)
PRODUCT = {"title": string(lambda text: 1 <= len(text) <= 256, "Length must be between 1 and 256.")} | dict.fromkeys(
    ["passenger_capacity", "maximum_speed", "in_stock"], integer(0, 2**31 - 1)
)
DETAIL = {"price": amount, "quantity": integer(1, 2**31 - 1)}
NEW_DETAIL = {"product_id": PRODUCT_ID} | DETAIL
OLD_DETAIL = {"id": integer(1, 2**63 - 1)} | DETAIL


def parse(body):
    try:
        document = json.loads(body) if isinstance(body, bytes) else body
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Refusal("400 BAD_REQUEST")
    return document


def faults(document, rules, optional=(), prefix=""):
    found = {}
    for name, rule in rules.items():
        if name not in document:
            said = None if name in optional else MISSING
        else:
            said = NULL if document[name] is None else rule(document[name])
        if said:
            found[prefix + name] = said
    return found


def refuse(found):
    if found:
        raise Refusal("400 VALIDATION_ERROR", found)


def parse_product(body, rules, optional=()):
    document = parse(body)
    refuse(faults(document, rules, optional))
    return {name: document[name] for name in rules if name in document}


def parse_details(body, rules, least, optional=()):
    document = parse(body)
    length = [f"Length must be between {least} and 100."]
    rule = (
        lambda value: ["Invalid type."] if type(value) is not list else None if least <= len(value) <= 100 else length
    )
    refuse(faults(document, {"order_details": rule}, () if least else ["order_details"]))
    details, found, ids = document.get("order_details", []), {}, set()
    for number, detail in enumerate(details):
        path = f"order_details.{number}"
        if type(detail) is not dict:
            found[path] = ["Invalid input type."]
            continue
        found |= faults(detail, rules, optional, path + ".")
        if "id" in rules and path + ".id" not in found:
            if detail["id"] in ids:
                found[path + ".id"] = ["Named more than once."]
            ids.add(detail["id"])
    refuse(found)
    return details


def parse_list(query, rules):
    rules = {"limit": lambda text: re.fullmatch("[1-9][0-9]{0,3}", text) and int(text) <= 1000} | rules
    given = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name in rules]
    values = dict(given)
    if len(values) < len(given) or not all(rules[name](value) for name, value in given):
        raise Refusal("400 BAD_REQUEST")
    return int(values.get("limit", 100)), values


def shown(detail):
    """As the shop shows it."""
    fields = {name: detail[name] for name in ("id", "product_id", "price", "quantity")}
    return fields | {"price": f"{Decimal(str(detail['price'])):.2f}"}


def size(document):
    return len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())


def page(items, limit, next_page):
    """Of the items that come after the page before."""
    shown = []
    total = 1
    for item in items[:limit]:
        total += 1 + size(item)
        if shown and total > MAX_PAGE_SIZE:
            break
        shown.append(item)
    return Reply("200", shown, next_page(shown[-1]["id"]) if len(shown) < len(items) else None)


def is_order_id(text):
    return bool(re.fullmatch("[1-9][0-9]{0,18}", text)) and int(text) < 2**63


class Model:
    """`model("POST /orders", body, key)` gives the Reply. New orders and details are numbered on from the given ids."""

    def __init__(self, image_root, rejects, last_order_id, last_detail_id):
        self._image_root, self._rejects = image_root, rejects
        self._order_ids, self._detail_ids = count(last_order_id + 1), count(last_detail_id + 1)
        self._stocked = {}  # The products; in_stock is what there would be without any order.
        self._orders = {}  # Their details.
        self._held = Counter()  # What the orders hold of each product.
        self._keys = {}
        self.events = []

    def __call__(self, request, body=None, key=None):
        method, target = request.split(" ")
        try:
            reply = self._answer("GET" if method == "HEAD" else method, target, body, key)
        except Refusal as refusal:
            reply = Reply(*refusal.args)
        return reply._replace(outcome=reply.outcome[:3], json=None) if method == "HEAD" else reply

    def _answer(self, method, target, body, key):
        path, _, query = target.partition("?")
        _, kind, *rest = path.split("/")
        item = unquote(rest[0]) if rest and rest[0] else None
        match method, kind, item:
            case "GET", "products", None:
                return self._list_products(query)
            case "POST", "products", None:
                return self._create_product(body)
            case "GET", "products", _:
                return Reply("200", self._product(item))
            case "PUT" | "PATCH", "products", _:
                return self._update_product(item, body, method == "PATCH")
            case "DELETE", "products", _:
                return self._delete_product(item)
            case "GET", "orders", None:
                return self._list_orders(query)
            case "POST", "orders", None:
                return self._create_order(body, key)
            case _ if not is_order_id(item):
                raise Refusal("404 NOT_FOUND")
            case "GET", _, _:
                return Reply("200", self._order(int(item)))
            case "PUT" | "PATCH", _, _:
                return self._update_order(int(item), body, method == "PATCH")
            case "DELETE", _, _:
                return self._delete_order(int(item))

    def detail_ids(self, order_id):
        return [detail["id"] for detail in self._orders.get(order_id, [])]

    def order_ids(self):
        return list(self._orders)

    def _product(self, product_id):
        if product_id not in self._stocked:
            raise Refusal("404 PRODUCT_NOT_FOUND")
        product = self._stocked[product_id]
        return product | {"in_stock": product["in_stock"] - self._held[product_id]}

    def _stock(self, product_id, fields):
        if "in_stock" in fields:
            fields["in_stock"] += self._held[product_id]
        self._stocked[product_id] = self._stocked.get(product_id, {}) | {"id": product_id} | fields

    def _create_product(self, body):
        document = parse_product(body, {"id": PRODUCT_ID} | PRODUCT)
        self._stock(document["id"], document)
        return Reply("200", {"id": document["id"]})

    def _update_product(self, product_id, body, is_patch):
        same_id = string(lambda text: text == product_id, "Must be the id in the path.")
        fields = parse_product(body, {"id": same_id} | PRODUCT, ["id", *(PRODUCT if is_patch else ())])
        self._product(product_id)
        self._stock(product_id, fields)
        return Reply("200", self._product(product_id))

    def _delete_product(self, product_id):
        self._product(product_id)
        del self._stocked[product_id]
        return Reply("204")

    def _list_products(self, query):
        limit, values = parse_list(query, {"after": is_product_id})
        ids = sorted((i for i in self._stocked if i.encode() > values.get("after", "").encode()), key=str.encode)
        next_page = lambda last: f"/products?limit={limit}&after={quote(last, safe='')}"
        return page([self._product(product_id) for product_id in ids], limit, next_page)

    def _order(self, order_id, expand=True):
        if order_id not in self._orders:
            raise Refusal("404 ORDER_NOT_FOUND")
        details = [detail | (self._expansion(detail) if expand else {}) for detail in self._orders[order_id]]
        return {"id": order_id, "order_details": details}

    def _expansion(self, detail):
        product_id = detail["product_id"]
        product = self._product(product_id) if product_id in self._stocked else None
        return {"image": f"{self._image_root}/{quote(product_id, safe='')}.jpg", "product": product}

    def _create_order(self, body, key):
        if key is not None and not re.fullmatch("[!-~]{1,255}", key):
            raise Refusal("400 BAD_REQUEST")
        wanted = parse_details(body, NEW_DETAIL, 1)
        used_body, order_id = self._keys.get(key, (body, None))
        if used_body != body:
            raise Refusal("422 IDEMPOTENCY_KEY_REUSED")
        if order_id is None:
            self._take([], wanted)
            order_id = next(self._order_ids)
            self._set(order_id, [{"id": next(self._detail_ids)} | detail for detail in wanted], "order_created")
            if key is not None:
                self._keys[key] = body, order_id
        return Reply("200", {"id": order_id})

    def _update_order(self, order_id, body, is_patch):
        wanted = parse_details(body, OLD_DETAIL, 0 if is_patch else 1, DETAIL if is_patch else ())
        before = {detail["id"]: detail for detail in self._order(order_id, expand=False)["order_details"]}
        foreign = [number for number, detail in enumerate(wanted) if detail["id"] not in before]
        refuse({f"order_details.{number}.id": ["Not a detail of this order."] for number in foreign})
        if not is_patch and len(wanted) < len(before):
            refuse({"order_details": ["Every detail of the order must be named."]})
        after = [*(before | {detail["id"]: shown(before[detail["id"]] | detail) for detail in wanted}).values()]
        if after != [*before.values()]:
            self._take(before.values(), after)
            self._set(order_id, after, "order_updated")
        return Reply("200", self._order(order_id))

    def _delete_order(self, order_id):
        self._order(order_id)
        self._set(order_id, [], "order_deleted")
        return Reply("204")

    def _set(self, order_id, details, event):
        for sign, changed in ((-1, self._orders.pop(order_id, [])), (1, details)):
            for detail in changed:
                self._held[detail["product_id"]] += sign * detail["quantity"]
        if details:
            self._orders[order_id] = [shown(detail) for detail in details]
        self.events.append((event, order_id))

    def _take(self, before, after):
        """Refuses what takes more than there is."""
        needed = Counter()
        for details, sign in ((after, 1), (before, -1)):
            for detail in details:
                needed[detail["product_id"]] += sign * detail["quantity"]
        taken = {product_id: quantity for product_id, quantity in needed.items() if quantity > 0}
        for product_id in taken:
            if product_id not in self._stocked:
                raise Refusal("404 PRODUCT_NOT_FOUND", f"Product Id {product_id}")
        if self._rejects and any(self._product(i)["in_stock"] < quantity for i, quantity in taken.items()):
            raise Refusal("409 INSUFFICIENT_STOCK")

    def _list_orders(self, query):
        limit, values = parse_list(
            query, {"after": lambda text: text == "0" or is_order_id(text), "expand": "product".__eq__}
        )
        expand = "&expand=product" if "expand" in values else ""
        ids = [order_id for order_id in sorted(self._orders) if order_id > int(values.get("after", 0))]
        next_page = lambda last: f"/orders?limit={limit}&after={last}{expand}"
        return page([self._order(order_id, bool(expand)) for order_id in ids[: limit + 1]], limit, next_page)
