"""STOCK_POLICY=reject: a request for more than there is in stock gets 409 and takes nothing."""

import pytest

from shop.samples import a_detail, an_order, detail_ids, in_stock, make_order, make_product, set_quantities, show_order

REFUSED = "409 INSUFFICIENT_STOCK"


@pytest.fixture
def api(second_api):
    return second_api


@pytest.fixture
def products(api):
    make_product(api, "the_odyssey", in_stock=10)
    make_product(api, "the_enigma", in_stock=5)


def test_all_there_is_can_be_ordered(api, products):
    make_order(api, a_detail(quantity=10))
    assert in_stock(api) == 0


@pytest.mark.parametrize(
    "details",
    [
        [("the_odyssey", 11)],
        [("the_odyssey", 2147483647)],
        [("the_odyssey", 6), ("the_odyssey", 5)],  # The details of one product are added up.
        [("the_odyssey", 1), ("the_enigma", 6)],
        [("the_enigma", 6), ("the_odyssey", 1)],
        [("the_odyssey", 2147483647)] * 100,
    ],
    ids=lambda details: str(details[:2]),
)
def test_more_than_there_is(api, products, details):
    order = an_order(*[a_detail(product_id, quantity=quantity) for product_id, quantity in details])
    assert api("POST /orders", order).outcome == REFUSED
    assert (in_stock(api), in_stock(api, "the_enigma")) == (10, 5)


def test_an_empty_stock(api, products):
    make_order(api, a_detail(quantity=10))
    assert api("POST /orders", an_order()).outcome == REFUSED


def test_a_stock_below_zero(api, products, second_stack):
    """The other policy may have left it, if it was in use before."""
    order_id = make_order(api, a_detail(quantity=3))
    second_stack.redis.hset("products:the_odyssey", "in_stock", -5)
    assert api("POST /orders", an_order()).outcome == REFUSED
    assert set_quantities(api, "PATCH", order_id, 4).outcome == REFUSED
    assert set_quantities(api, "PATCH", order_id, 2).status == 200  # Stock can always be given back.
    assert in_stock(api) == -4
    assert api(f"DELETE /orders/{order_id}").status == 204
    assert in_stock(api) == -2


@pytest.mark.parametrize("quantity, left", [(10, 0), (5, 5), (1, 9)])
def test_an_update_within_what_there_is(api, products, quantity, left):
    order_id = make_order(api, a_detail(quantity=5))
    assert set_quantities(api, "PATCH", order_id, quantity).status == 200
    assert in_stock(api) == left


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_update_beyond_what_there_is(api, products, method):
    order_id = make_order(api, a_detail(quantity=5), a_detail("the_enigma", quantity=5))
    order = show_order(api, order_id)
    first, second = (detail["id"] for detail in order["order_details"])
    body = {"order_details": [{"id": first, "price": "1", "quantity": 11}, {"id": second, "price": "1", "quantity": 1}]}
    assert api(f"{method} /orders/{order_id}", body).outcome == REFUSED
    assert show_order(api, order_id) == order


def test_quantities_of_one_product_may_move_between_details(api, products):
    """The difference is zero, so the update is possible although nothing is left."""
    order_id = make_order(api, a_detail(quantity=4), a_detail(quantity=6))
    assert set_quantities(api, "PATCH", order_id, 6, 4).status == 200
    assert in_stock(api) == 0
    assert set_quantities(api, "PATCH", order_id, 6, 5).outcome == REFUSED


def test_prices_can_change_when_nothing_is_left(api, products):
    order_id = make_order(api, a_detail(quantity=10))
    (detail,) = detail_ids(api, order_id)
    body = {"order_details": [{"id": detail, "price": "1", "quantity": 10}]}
    assert api(f"PUT /orders/{order_id}", body).status == 200


def test_stock_that_was_given_back_can_be_ordered(api, products):
    order_id = make_order(api, a_detail(quantity=10))
    api(f"DELETE /orders/{order_id}")
    make_order(api, a_detail(quantity=10))
    assert in_stock(api) == 0


def test_a_missing_product_is_still_404(api, products):
    assert api("POST /orders", an_order(a_detail("none"))).outcome == "404 PRODUCT_NOT_FOUND"


def test_a_refused_order_makes_no_event(api, products, second_stack):
    api("POST /orders", an_order(a_detail(quantity=11)))
    assert second_stack.redis.xlen("orders:events") == 0
