"""DELETE of an order."""

from shop.samples import make_order, show_order


def test_delete(api, odyssey):
    order_id, other = make_order(api), make_order(api)
    answer = api(f"DELETE /orders/{order_id}")
    assert answer.status == 204
    assert api(f"GET /orders/{order_id}").outcome == "404 ORDER_NOT_FOUND"
    assert [order["id"] for order in api("GET /orders").json] == [other]


def test_its_details_go_with_it(api, stack, odyssey):
    order_id = make_order(api)
    api(f"DELETE /orders/{order_id}")
    assert stack.postgres("SELECT count(*) FROM order_details") == [(0,)]


def test_delete_twice(api, odyssey):
    order_id = make_order(api)
    assert api(f"DELETE /orders/{order_id}").status == 204
    assert api(f"DELETE /orders/{order_id}").outcome == "404 ORDER_NOT_FOUND"


def test_an_id_is_not_used_again(api, odyssey):
    order_id = make_order(api)
    api(f"DELETE /orders/{order_id}")
    assert make_order(api) > order_id


def test_delete_of_an_order_whose_product_is_gone(api, odyssey):
    order_id, other = make_order(api), make_order(api)
    api("DELETE /products/the_odyssey")
    assert api(f"DELETE /orders/{order_id}").status == 204
    assert show_order(api, other)["order_details"][0]["product"] is None
