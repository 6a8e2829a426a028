"""GET and HEAD of one order, and the paths that are no order's."""

import pytest

from shop.samples import a_detail, make_order, make_product, show_order

# No order ids: zero, leading zeros, signs, numbers from 2^63 on, and what is not a number. 18446744073709551617 would be 1
# if it were cut to 64 bits, and %D9%A1 is one in Arabic digits.
NO_ORDER_PATHS = """
    /orders/0 /orders/00 /orders/01 /orders/-1 /orders/+1 /orders/9223372036854775808 /orders/18446744073709551617
    /orders/100000000000000000000000000000000 /orders/1.0 /orders/1e0 /orders/0x1 /orders/abc /orders/1a /orders/%201
    /orders/1%20 /orders/1%0A /orders/%D9%A1 /orders/1/ /orders/1/order_details /orders//1
""".split()


def test_get_shows_details_with_image_and_product(api, odyssey):
    enigma = make_product(api, "the enigma é", in_stock=5)
    order_id = make_order(api, a_detail(), a_detail(enigma["id"], price="0.5", quantity=2))
    order = show_order(api, order_id)
    first, second = (detail["id"] for detail in order["order_details"])
    assert order == {
        "id": order_id,
        "order_details": [
            {
                "id": first,
                "product_id": "the_odyssey",
                "price": "100000.99",
                "quantity": 1,
                "image": "http://www.example.com/airship/images/the_odyssey.jpg",
                "product": odyssey | {"in_stock": 9},
            },
            {
                "id": second,
                "product_id": "the enigma é",
                "price": "0.50",
                "quantity": 2,
                "image": "http://www.example.com/airship/images/the%20enigma%20%C3%A9.jpg",
                "product": enigma | {"in_stock": 3},
            },
        ],
    }


def test_the_product_is_shown_as_it_is_now(api, odyssey):
    order_id = make_order(api)
    api("PATCH /products/the_odyssey", {"title": "Renamed"})
    assert show_order(api, order_id)["order_details"][0]["product"] == odyssey | {"title": "Renamed", "in_stock": 9}


def test_an_order_outlives_its_products(api, odyssey):
    enigma = make_product(api, "the_enigma")
    order_id = make_order(api, a_detail(), a_detail("the_enigma"), a_detail())
    api("DELETE /products/the_odyssey")
    details = show_order(api, order_id)["order_details"]
    assert [detail["product"] for detail in details] == [None, enigma | {"in_stock": 9}, None]
    assert details[0]["product_id"] == "the_odyssey"
    assert details[0]["image"] == "http://www.example.com/airship/images/the_odyssey.jpg"


def test_a_product_made_again_is_shown_again(api, odyssey):
    order_id = make_order(api)
    api("DELETE /products/the_odyssey")
    again = make_product(api, "the_odyssey", title="The Return", in_stock=1)
    assert show_order(api, order_id)["order_details"][0]["product"] == again


def test_head(api, odyssey):
    order_id = make_order(api)
    assert api(f"HEAD /orders/{order_id}").status == 200
    assert api(f"HEAD /orders/{order_id + 1}").status == 404


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("order_id", [10**6, 2**31, 2**63 - 1])
def test_an_absent_order(api, odyssey, method, order_id):
    make_order(api)
    body = {"order_details": [{"id": 1, "price": "1", "quantity": 1}]}
    assert api(f"{method} /orders/{order_id}", body).outcome == "404 ORDER_NOT_FOUND"


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "POST"])
@pytest.mark.parametrize("path", NO_ORDER_PATHS)
def test_paths_that_are_no_orders(api, method, path):
    assert api(f"{method} {path}", {}).outcome == "404 NOT_FOUND"


def test_the_image_root_is_a_setting(second_api):
    make_product(second_api, "a b")
    order_id = make_order(second_api, a_detail("a b"))
    image = show_order(second_api, order_id)["order_details"][0]["image"]
    assert image == "https://cdn.example.com/airships/a%20b.jpg"
