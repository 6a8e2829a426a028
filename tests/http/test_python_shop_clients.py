"""The Python shop's clients work unchanged: their requests get the statuses and the JSON that they expect."""

import json
from urllib.parse import urlencode

from shop.samples import a_detail, a_product, an_order

# The headers that python-requests and curl -d send.
REQUESTS_HEADERS = {"User-Agent": "python-requests/2.31.0", "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
CURL_HEADERS = {"accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}


def test_smoke_flow(api):
    created = api("POST /products", a_product(), CURL_HEADERS)
    assert (created.status, created.json) == (200, {"id": "the_odyssey"})

    shown = api("GET /products/the_odyssey", headers=CURL_HEADERS)
    assert (shown.status, shown.json) == (200, a_product())

    ordered = api("POST /orders", an_order(), CURL_HEADERS)
    assert ordered.status == 200
    order_id = ordered.json["id"]

    order = api(f"GET /orders/{order_id}").json
    (detail,) = order["order_details"]
    assert order["id"] == order_id
    assert detail == {
        "id": detail["id"],
        "product_id": "the_odyssey",
        "price": "100000.99",
        "quantity": 1,
        "image": "http://www.example.com/airship/images/the_odyssey.jpg",
        "product": a_product(in_stock=9),
    }


def test_load_scenario(api):
    """POST product, GET it, POST order, GET it, GET orders, DELETE product; over and over, with data of all kinds."""
    orders = []
    for number in range(10):
        product = a_product(f"airship-{number}", title=f"Airship № {number}", in_stock=number)
        assert api("POST /products", product, REQUESTS_HEADERS).json == {"id": product["id"]}
        assert api(f"GET /products/{product['id']}", headers=REQUESTS_HEADERS).json == product

        first = a_detail(product["id"], price=f"{number}.5", quantity=number + 1)
        second = a_detail(product["id"], price=number)
        order_id = api("POST /orders", an_order(first, second), REQUESTS_HEADERS).json["id"]
        order = api(f"GET /orders/{order_id}", headers=REQUESTS_HEADERS).json
        assert [detail["price"] for detail in order["order_details"]] == [f"{number}.50", f"{number}.00"]
        assert order["order_details"][0]["product"]["in_stock"] == number - (number + 1) - 1
        orders.append(order_id)

        listed = api("GET /orders", headers=REQUESTS_HEADERS)
        assert (listed.status, [order["id"] for order in listed.json]) == (200, orders)

        assert api(f"DELETE /products/{product['id']}", headers=REQUESTS_HEADERS).status == 204
        # From here on the Python shop failed: the order's product was gone.
        assert api(f"GET /orders/{order_id}").json["order_details"][0]["product"] is None


def test_errors_of_the_python_shop(api):
    """These are the codes and messages that its tests compare."""
    api("POST /products", a_product())
    missing = api("GET /products/none")
    assert missing.json == {"error": "PRODUCT_NOT_FOUND", "message": "Product ID none does not exist"}
    missing = api("POST /orders", an_order(a_detail("none")))
    assert missing.json == {"error": "PRODUCT_NOT_FOUND", "message": "Product Id none"}
    assert api("GET /orders/1000000").json["error"] == "ORDER_NOT_FOUND"
    assert api("POST /products", b'{"in_stock": 10, "maximum_speed": ').json["error"] == "BAD_REQUEST"
    assert api("POST /orders", an_order({"product_id": "the_odyssey"})).json["error"] == "VALIDATION_ERROR"


def test_a_body_that_only_looks_like_a_form(api):
    """curl -d names the content type of a form even if the body is JSON. A real form is not JSON."""
    assert api("POST /products", json.dumps(a_product()).encode(), CURL_HEADERS).status == 200
    assert api("POST /products", urlencode(a_product()).encode(), CURL_HEADERS).outcome == "400 BAD_REQUEST"
