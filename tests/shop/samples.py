"""Products and orders for tests."""

from urllib.parse import quote

# The Python shop's messages for a faulty field.
MISSING = ["Missing data for required field."]
NULL = ["Field may not be null."]
NOT_STRING = ["Not a valid string."]
NOT_INTEGER = ["Not a valid integer."]
NOT_NUMBER = ["Not a valid number."]

# Malformed values of query parameters.
BAD_LIMITS = """0 1001 -1 +1 %2B1 01 1.0 1e2 abc 1a %201 1%20 0x10 %D9%A1 18446744073709551617 99999999999999999999999
                %FF %zz % %3""".split()
BAD_ORDER_IDS = "-1 +1 %2B1 01 00 1.0 1e2 abc %201 9223372036854775808 %FF %zz".split()


def a_product(product_id="the_odyssey", **fields):
    return {
        "id": product_id,
        "title": "The Odyssey",
        "passenger_capacity": 101,
        "maximum_speed": 5,
        "in_stock": 10,
    } | fields


def a_detail(product_id="the_odyssey", **fields):
    return {"product_id": product_id, "price": "100000.99", "quantity": 1} | fields


def an_order(*details):
    return {"order_details": list(details) or [a_detail()]}


def without(document, *names):
    return {name: value for name, value in document.items() if name not in names}


def product_path(product_id):
    return "/products/" + quote(product_id, safe="")


def make_product(api, product_id="the_odyssey", **fields):
    """Creates a product and returns it as the shop must show it."""
    product = a_product(product_id, **fields)
    answer = api("POST /products", product)
    assert (answer.status, answer.json) == (200, {"id": product_id})
    return product


def make_order(api, *details):
    """Creates an order and returns its id."""
    answer = api("POST /orders", an_order(*details))
    assert answer.status == 200, answer
    assert set(answer.json) == {"id"}
    return answer.json["id"]


def show_order(api, order_id):
    answer = api(f"GET /orders/{order_id}")
    assert answer.status == 200, answer
    return answer.json


def detail_ids(api, order_id):
    return [detail["id"] for detail in show_order(api, order_id)["order_details"]]


def set_quantities(api, method, order_id, *quantities):
    """Sends a PUT or PATCH of the order with these quantities of its details. None leaves a detail out."""
    details = [
        {"id": detail["id"], "price": detail["price"], "quantity": quantity}
        for detail, quantity in zip(show_order(api, order_id)["order_details"], quantities)
        if quantity is not None
    ]
    return api(f"{method} /orders/{order_id}", {"order_details": details})


def order_the_odyssey(api):
    """Creates the odyssey and an order of it. Returns the order as the shop shows it."""
    make_product(api)
    return show_order(api, make_order(api))


def in_stock(api, product_id="the_odyssey"):
    answer = api("GET " + product_path(product_id))
    assert answer.status == 200, answer
    return answer.json["in_stock"]


def next_page(answer):
    """The target in the Link header, or None on the last page."""
    link = answer.headers["Link"]
    if link is None:
        return None
    assert link.startswith("<") and link.endswith('>; rel="next"'), link
    return link.removeprefix("<").removesuffix('>; rel="next"')


def page_answers(api, target):
    """The answers with all pages of a list from `target` on. Follows the links."""
    while target:
        answer = api(f"GET {target}")
        assert answer.status == 200, answer
        yield answer
        target = next_page(answer)


def pages(api, target):
    return (answer.json for answer in page_answers(api, target))
