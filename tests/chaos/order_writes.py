"""Each kind of write of an order, for the tests of crashes and races."""

from shop.client import Client
from shop.samples import a_detail, a_product, an_order, show_order

STOCKED = 100
NEW_ORDER = an_order(a_detail("ship", quantity=3), a_detail("boat", price="7.50", quantity=4))
KINDS = ("create", "create with a key", "update", "delete")


def contents(order):
    return [(detail["product_id"], detail["price"], detail["quantity"]) for detail in order["order_details"]]


class OrderWrite:
    """One write, which may be sent several times, and what it must change.

    Before it there is one order of 5 ships and 5 boats. The update takes ships and gives back boats.
    """

    def __init__(self, kind, shop, books):
        self.kind = kind
        self._api = Client(shop.port)
        for product_id in ("ship", "boat"):
            books.stock(self._api, a_product(product_id, in_stock=STOCKED))
        before = an_order(a_detail("ship", price="1.00", quantity=5), a_detail("boat", price="2.00", quantity=5))
        self._order = show_order(self._api, self._api("POST /orders", before).json["id"])

    def send(self):
        if self.kind == "create":
            return self._api("POST /orders", NEW_ORDER)
        if self.kind == "create with a key":
            return self._api("POST /orders", NEW_ORDER, {"Idempotency-Key": "a-key"})
        path = f"/orders/{self._order['id']}"
        if self.kind == "delete":
            return self._api(f"DELETE {path}")
        ship, boat = (detail["id"] for detail in self._order["order_details"])
        details = [{"id": ship, "quantity": 9, "price": "1.50"}, {"id": boat, "quantity": 1}]
        return self._api(f"PATCH {path}", {"order_details": details})

    def change_otherwise(self):
        """Changes the order, or uses the key, as another client might meanwhile. Returns the orders that it leaves."""
        if self.kind == "create with a key":
            assert self.send().status == 200
            return self.expected(1)
        ship, _ = (detail["id"] for detail in self._order["order_details"])
        body = {"order_details": [{"id": ship, "quantity": 2}]}
        assert self._api(f"PATCH /orders/{self._order['id']}", body).status == 200
        return [[("ship", "1.00", 2), ("boat", "2.00", 5)]]

    def orders(self):
        """The orders that exist, oldest first."""
        return [contents(order) for order in self._api("GET /orders").json]

    def expected(self, times):
        """The orders that must exist after the write was done `times` times."""
        before, after = [("ship", "1.00", 5), ("boat", "2.00", 5)], [("ship", "1.50", 9), ("boat", "2.00", 1)]
        if self.kind == "update":
            return [after] if times else [before]
        if self.kind == "delete":
            return [] if times else [before]
        if self.kind == "create with a key":
            times = min(times, 1)
        return [before] + [[("ship", "100000.99", 3), ("boat", "7.50", 4)]] * times

    def again(self, times):
        """Repeats the write, like a client without an answer. It was done `times` times before. Checks the answer."""
        answer = self.send()
        gone = self.kind == "delete" and times
        assert answer.outcome == ("404 ORDER_NOT_FOUND" if gone else "204" if self.kind == "delete" else "200"), answer
        assert self.orders() == self.expected(times + 1)
