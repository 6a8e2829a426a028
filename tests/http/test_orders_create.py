"""POST /orders. Wrong bodies are in test_validation_order.py, the stock in test_stock.py."""

import pytest

from shop.samples import a_detail, an_order, make_order, make_product, show_order


def test_create_answers_the_id(api, odyssey):
    answer = api("POST /orders", an_order())
    assert answer.status == 200
    assert list(answer.json) == ["id"]
    assert isinstance(answer.json["id"], int) and answer.json["id"] > 0


def test_each_order_is_a_new_one(api, odyssey):
    first, second = make_order(api), make_order(api)
    assert first < second


def test_details_are_kept_in_order(api, odyssey):
    make_product(api, "the_enigma")
    order_id = make_order(
        api,
        a_detail("the_odyssey", price="3.00", quantity=3),
        a_detail("the_enigma", price="1.00", quantity=1),
        a_detail("the_odyssey", price="2.00", quantity=2),
    )
    details = show_order(api, order_id)["order_details"]
    assert [(d["product_id"], d["price"], d["quantity"]) for d in details] == [
        ("the_odyssey", "3.00", 3),
        ("the_enigma", "1.00", 1),
        ("the_odyssey", "2.00", 2),
    ]
    ids = [detail["id"] for detail in details]
    assert ids == sorted(set(ids))


@pytest.mark.parametrize("count", [1, 2, 100])
def test_one_to_a_hundred_details(api, odyssey, count):
    order_id = make_order(api, *[a_detail(quantity=number + 1) for number in range(count)])
    details = show_order(api, order_id)["order_details"]
    assert [detail["quantity"] for detail in details] == list(range(1, count + 1))


@pytest.mark.parametrize("quantity", [1, 2147483647])
def test_quantity_at_its_limits(api, odyssey, quantity):
    order_id = make_order(api, a_detail(quantity=quantity))
    assert show_order(api, order_id)["order_details"][0]["quantity"] == quantity


@pytest.mark.parametrize(
    "product_ids, missing",
    [
        (["none"], "none"),
        (["the_odyssey", "none"], "none"),
        (["none", "nowhere"], "none"),
        (["nowhere", "the_odyssey", "none"], "nowhere"),
        (["the odyssey"], "the odyssey"),
        (["飛行船 \"'\\"], "飛行船 \"'\\"),
    ],
    ids=str,
)
def test_an_order_of_a_missing_product(api, odyssey, product_ids, missing):
    """The message names the first missing product, as in the Python shop."""
    answer = api("POST /orders", an_order(*[a_detail(product_id) for product_id in product_ids]))
    assert (answer.outcome, answer.json["message"]) == ("404 PRODUCT_NOT_FOUND", f"Product Id {missing}")


def test_unknown_fields_are_ignored(api, odyssey):
    body = an_order(a_detail(id=77, image="x", product=None, colour="red")) | {"id": 99, "customer": {"name": "x"}}
    order_id = api("POST /orders", body).json["id"]
    assert order_id != 99
    assert show_order(api, order_id)["order_details"][0]["id"] != 77


def test_trailing_slash(api, odyssey):
    order_id = api("POST /orders/", an_order()).json["id"]
    assert show_order(api, order_id)["order_details"][0]["product_id"] == "the_odyssey"
