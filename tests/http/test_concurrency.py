"""Many clients at once: no request fails without a reason, and the stock adds up."""

import os
import random
import signal
from collections import Counter

import pytest

from shop.background import CLIENTS, Background, at_once
from shop.client import Client
from shop.stores import events
from shop.samples import (
    a_detail,
    a_product,
    an_order,
    detail_ids,
    in_stock,
    make_order,
    make_product,
    pages,
    show_order,
)

ROUNDS = 250  # For each client: a product and an order, so two thousand of each.
STOCKED = 1000


class Shopper:
    """A client that creates products and orders, and deletes, updates and lists some. It knows what must be left."""

    def __init__(self, port, number):
        self.api = Client(port)
        self.number = number
        self.random = random.Random(number)
        self.products, self.orders = set(), set()

    def expect(self, outcomes, request, body=None):
        answer = self.api(request, body)
        assert answer.outcome in outcomes, (request, body, answer)
        return answer

    def shop(self):
        for round_number in range(ROUNDS):
            own = f"p{self.number}-{round_number}"
            self.expect(["200"], "POST /products", a_product(own, in_stock=STOCKED))
            self.products.add(own)
            # Another client's product, which may not exist yet, or no longer.
            others = f"p{self.random.randrange(CLIENTS)}-{self.random.randrange(round_number + 1)}"
            self.order(["200"], own, "shared")
            self.order(["200", "404 PRODUCT_NOT_FOUND"], others, "shared", own)
            if round_number % 5 == 0:
                self.expect(["204"], f"DELETE /products/{own}")
                self.products.remove(own)
                self.order(["404 PRODUCT_NOT_FOUND"], "shared", own)
            if round_number % 6 == 0:
                self.change(self.orders.pop())
            if round_number % 10 == 0:
                self.look()

    def order(self, outcomes, *product_ids):
        details = [a_detail(product_id, quantity=self.random.randint(1, 9)) for product_id in product_ids]
        answer = self.expect(outcomes, "POST /orders", an_order(*details))
        if answer.status == 200:
            self.orders.add(answer.json["id"])

    def change(self, order_id):
        order = self.expect(["200"], f"GET /orders/{order_id}").json
        # Smaller quantities only: they need no product to exist.
        for detail in order["order_details"]:
            detail["quantity"] = 1
        self.expect(["200"], f"PUT /orders/{order_id}", order)
        if order_id % 2:
            self.expect(["204"], f"DELETE /orders/{order_id}")
        else:
            self.orders.add(order_id)

    def look(self):
        # Also from the middle on. Changes during a listing must not make it fail.
        after = self.random.choice(sorted(self.orders) or [0])
        expanded = "/orders?expand=product"
        for target in (expanded, f"{expanded}&after={after}", "/products", "/orders", "/health"):
            self.expect(["200"], f"GET {target}")


def test_two_thousand_orders_and_products_by_eight_clients(api, stack):
    make_product(api, "shared", in_stock=STOCKED)
    shoppers = [Shopper(stack.port, number) for number in range(CLIENTS)]
    at_once(lambda number: shoppers[number].shop())

    plain = Client(stack.port)
    orders = {order["id"]: order for page in pages(plain, "/orders?limit=1000") for order in page}
    products = {product["id"]: product for page in pages(plain, "/products?limit=1000") for product in page}
    assert set(orders) == set().union(*[shopper.orders for shopper in shoppers])
    assert set(products) == set().union({"shared"}, *[shopper.products for shopper in shoppers])

    held = Counter()
    for order in orders.values():
        for detail in order["order_details"]:
            held[detail["product_id"]] += detail["quantity"]
    left = {name: product["in_stock"] for name, product in products.items()}
    assert left == {name: STOCKED - held[name] for name in products}

    # No part of a deleted product is left, and no movement is pending.
    assert set(stack.redis.keys("products:*")) == {f"products:{name}" for name in products}
    assert stack.redis.exists("stock:pending") == 0
    assert_events(stack, orders)


def assert_events(stack, orders):
    """Each order has one event of its creation, at most one of an update, and one of its deletion if it is gone."""
    counted = Counter()
    for entry in events(stack.redis):
        counted[entry["event"], int(entry["order_id"])] += 1
    created = {order_id for event, order_id in counted if event == "order_created"}
    deleted = {order_id for event, order_id in counted if event == "order_deleted"}
    assert created - deleted == set(orders) and deleted <= created
    assert set(counted.values()) == {1}
    assert len(created) >= CLIENTS * ROUNDS == 2000


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_one_order_updated_by_all(api, stack, odyssey, method):
    """Each update takes the difference to what the order held just before it, in whatever order they come."""
    order_id = make_order(api)
    (detail_id,) = detail_ids(api, order_id)

    def update(number):
        shopper = Client(stack.port)
        for round_number in range(25):
            quantity = 1 + number * 25 + round_number
            body = {"order_details": [{"id": detail_id, "price": quantity, "quantity": quantity}]}
            answer = shopper(f"{method} /orders/{order_id}", body)
            assert answer.status == 200, answer

    at_once(update)
    (detail,) = show_order(api, order_id)["order_details"]
    assert detail["price"] == f"{detail['quantity']}.00"
    assert in_stock(api) == 10 - detail["quantity"]


def test_one_order_deleted_by_all(api, stack, odyssey):
    for _ in range(10):
        order_id = make_order(api, a_detail(quantity=4))
        outcomes = at_once(lambda _: Client(stack.port)(f"DELETE /orders/{order_id}").outcome)
        assert Counter(outcomes) == {"204": 1, "404 ORDER_NOT_FOUND": CLIENTS - 1}
        assert in_stock(api) == 10


def test_one_order_updated_and_deleted(api, stack, odyssey):
    for _ in range(10):
        order_id = make_order(api, a_detail(quantity=4))
        (detail_id,) = detail_ids(api, order_id)
        body = {"order_details": [{"id": detail_id, "quantity": 9}]}
        requests = [("PATCH", body), ("DELETE", None)] * (CLIENTS // 2)
        outcomes = at_once(lambda n: Client(stack.port)(f"{requests[n][0]} /orders/{order_id}", requests[n][1]).outcome)
        assert outcomes.count("204") == 1 and set(outcomes) <= {"200", "204", "404 ORDER_NOT_FOUND"}
        assert in_stock(api) == 10


def test_one_product_replaced_and_deleted_by_all(api, stack):
    """It exists as a whole or not at all, and is listed exactly while it exists."""

    def work(number):
        shopper = Client(stack.port)
        for round_number in range(25):
            outcomes = [
                shopper("POST /products", a_product(passenger_capacity=number, maximum_speed=number)).outcome,
                shopper("DELETE /products/the_odyssey").outcome,
            ]
            assert outcomes[0] == "200" and outcomes[1] in ("204", "404 PRODUCT_NOT_FOUND")
            for product in shopper("GET /products").json:
                assert product["passenger_capacity"] == product["maximum_speed"]

    at_once(work)
    assert (stack.redis.keys("products:*"), stack.redis.exists("product_index")) == ([], 0)


def test_the_last_pieces_are_sold_once(second_api, second_stack):
    """With STOCK_POLICY=reject: of forty requests for one of ten pieces, ten succeed."""
    make_product(second_api, "the_odyssey", in_stock=10)
    outcomes = at_once(lambda _: [Client(second_stack.port)("POST /orders", an_order()).outcome for _ in range(5)])
    assert Counter(sum(outcomes, [])) == {"200": 10, "409 INSUFFICIENT_STOCK": 30}
    assert in_stock(second_api) == 0


def test_a_workers_alarm_disturbs_no_request(api, stack):
    """A worker has one every few seconds, whatever it does then. Here they come all the time."""
    make_product(api, in_stock=STOCKED)

    def work(_):
        shopper = Client(stack.port)
        requests = [("GET /products/the_odyssey", None), ("POST /orders", an_order()), ("GET /orders?limit=3", None)]
        return [shopper(*request).status for _ in range(20) for request in requests]

    alarms = Background([lambda: send_alarms(stack, alarms)])
    with alarms:
        answered = at_once(work)
    assert set(sum(answered, [])) == {200}
    assert in_stock(api) == STOCKED - 20 * CLIENTS


def send_alarms(stack, alarms):
    workers = set().union(*stack.all_worker_pids().values())
    while not alarms.stopping.wait(0.001):
        for pid in workers:
            os.kill(pid, signal.SIGALRM)
