"""What orders take from stock and give back, with STOCK_POLICY=backorder, the default."""

import pytest

from shop.samples import a_detail, an_order, detail_ids, in_stock, make_order, make_product, set_quantities


@pytest.fixture
def order_id(api, odyssey):
    """An order of 2 and 3 of the odyssey; 5 are left of 10."""
    return make_order(api, a_detail(quantity=2), a_detail(quantity=3))


def test_an_order_takes_its_quantities(api, order_id):
    assert in_stock(api) == 5


def test_each_product_has_its_own_stock(api, odyssey):
    make_product(api, "the_enigma", in_stock=7)
    make_order(api, a_detail("the_enigma", quantity=4), a_detail(quantity=1), a_detail("the_enigma", quantity=2))
    assert (in_stock(api, "the_enigma"), in_stock(api)) == (1, 9)


def test_stock_may_fall_below_zero(api, odyssey):
    make_order(api, a_detail(quantity=11))
    assert in_stock(api) == -1
    make_order(api, a_detail(quantity=2147483647), a_detail(quantity=2147483647))
    assert in_stock(api) == -1 - 2 * 2147483647
    assert api("GET /products").json == [odyssey | {"in_stock": -1 - 2 * 2147483647}]


def test_the_largest_order_is_exact(api, odyssey):
    order_id = make_order(api, *[a_detail(quantity=2147483647)] * 100)
    assert in_stock(api) == 10 - 100 * 2147483647
    api(f"DELETE /orders/{order_id}")
    assert in_stock(api) == 10


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    "quantities, left",
    [((2, 3), 5), ((3, 3), 4), ((1, 3), 6), ((3, 2), 5), ((1, 1), 8), ((10, 20), -20), ((2147483647, 1), -2147483638)],
)
def test_an_update_takes_the_difference(api, order_id, method, quantities, left):
    assert set_quantities(api, method, order_id, *quantities).status == 200
    assert in_stock(api) == left


def test_patch_of_one_detail_takes_its_difference(api, order_id):
    set_quantities(api, "PATCH", order_id, None, 7)
    assert in_stock(api) == 1


def test_updates_add_up(api, order_id):
    for first, second in [(5, 5), (1, 1), (4, 1), (1, 9), (2, 3)]:
        set_quantities(api, "PUT", order_id, first, second)
        assert in_stock(api) == 10 - first - second


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_answer_shows_the_stock_after_the_set_quantities(api, order_id, method):
    details = set_quantities(api, method, order_id, 4, 4).json["order_details"]
    assert [detail["product"]["in_stock"] for detail in details] == [2, 2]


def test_an_update_of_prices_moves_nothing(api, order_id):
    first, _ = detail_ids(api, order_id)
    api(f"PATCH /orders/{order_id}", {"order_details": [{"id": first, "price": "1"}]})
    assert in_stock(api) == 5


def test_delete_gives_back(api, order_id):
    assert api(f"DELETE /orders/{order_id}").status == 204
    assert in_stock(api) == 10


def test_delete_twice_gives_back_once(api, order_id):
    api(f"DELETE /orders/{order_id}")
    assert api(f"DELETE /orders/{order_id}").outcome == "404 ORDER_NOT_FOUND"
    assert in_stock(api) == 10


def test_delete_gives_back_what_the_order_holds_now(api, order_id):
    set_quantities(api, "PUT", order_id, 1, 9)
    api("PATCH /products/the_odyssey", {"in_stock": 100})
    api(f"DELETE /orders/{order_id}")
    assert in_stock(api) == 110


def test_a_stock_can_be_set(api, order_id):
    """Writes of a product set its in_stock. They do not add a difference."""
    api("PATCH /products/the_odyssey", {"title": "Renamed"})
    assert in_stock(api) == 5
    make_product(api)
    assert in_stock(api) == 10


def test_a_failed_order_takes_nothing(api, odyssey):
    answer = api("POST /orders", an_order(a_detail(quantity=3), a_detail("none")))
    assert answer.outcome == "404 PRODUCT_NOT_FOUND"
    assert in_stock(api) == 10


def test_nothing_is_left_pending(api, redis, order_id):
    set_quantities(api, "PUT", order_id, 1, 1)
    api(f"DELETE /orders/{order_id}")
    assert redis.exists("stock:pending") == 0
