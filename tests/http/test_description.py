"""docs/openapi.yaml is what the shop does: each answer to a test is held to it (shop/description.py), and all that it
describes is seen. Here is that a fault on either side is found."""

import copy
import functools
import json

import pytest
import yaml

from shop.description import DESCRIPTION, SOURCE, Description
from shop.samples import make_order, without

DOCUMENT = yaml.safe_load(SOURCE.read_text())

# What no test of this suite makes the shop answer, and why.
NOT_SEEN = {
    ("anywhere", "4XX", "TOO_MANY_REQUESTS"): "tests/stack has a shop with low limits",
    ("anywhere", "4XX", "MISDIRECTED_REQUEST"): "tests/stack has an edge with names",
    ("getHealth", "503", "SERVICE_UNAVAILABLE"): "likewise",
    ("anywhere", "5XX", "UNEXPECTED_ERROR"): "a defect; tests/chaos has one made",
}


def test_every_described_answer_was_seen():
    """After all the others, if these were all there are (conftest.py)."""
    not_seen = DESCRIPTION.described - DESCRIPTION.seen
    assert not_seen == NOT_SEEN.keys(), f"not as said: {not_seen ^ NOT_SEEN.keys()}"


def hold(answer, request, changes=()):
    """Holds an answer to the description after `changes`, each of what its first argument names in the document."""
    document = copy.deepcopy(DOCUMENT)
    for change, path in changes:
        change(part(document, path))
    Description(document).check(*request.split(" "), answer.status, answer.headers.items(), answer.body)


def part(document, path):
    return functools.reduce(lambda inner, name: inner[name], path, document)


def renamed(fields, name):
    return {f"new_{name}" if field == name else field: value for field, value in fields.items()}


# What each shop shows of a product, and where.
PRODUCTS = {
    "GET /products": [0],
    "GET /products/the_odyssey": [],
    "PUT /products/the_odyssey": [],
    "GET /orders?expand=product": [0, "order_details", 0, "product"],
    "GET /orders/{order}": ["order_details", 0, "product"],
}
WRONG_PRODUCTS = {
    "another name": lambda product: renamed(product, "in_stock"),
    "a field less": lambda product: without(product, "in_stock"),
    "a field more": lambda product: product | {"colour": "red"},
    "another type": lambda product: product | {"in_stock": "10"},
}


@pytest.mark.parametrize("request_line, path", PRODUCTS.items())
@pytest.mark.parametrize("change", WRONG_PRODUCTS.values(), ids=WRONG_PRODUCTS.keys())
def test_a_body_that_is_not_described(api, odyssey, request_line, path, change):
    request = request_line.format(order=make_order(api))
    answer = api(request, odyssey if "PUT" in request else None)
    body = {"answer": answer.json}
    *path, last = ["answer", *path]
    part(body, path)[last] = change(part(body, path)[last])
    hold(answer, request)
    with pytest.raises(AssertionError, match="docs/openapi.yaml, .*(in_stock|colour|'10')"):
        hold(answer._replace(body=json.dumps(body["answer"]).encode()), request)


@pytest.mark.parametrize(
    "name, value, fault",
    [
        ("X-Cache", "NEW", "'NEW' is not one of"),
        ("X-Cache", None, "x-cache.* is missing"),
        ("X-Powered-By", "cows", "x-powered-by: is not described"),
        ("Content-Type", "text/html", "Content-Type: text/html"),
        ("X-Request-ID", "a b", "'a b' does not match"),
    ],
)
def test_a_header_that_is_not_described(api, name, value, fault):
    answer = api("GET /orders")
    del answer.headers[name]
    if value:
        answer.headers[name] = value
    with pytest.raises(AssertionError, match=f"docs/openapi.yaml, listOrders 200: .*{fault}"):
        hold(answer, "GET /orders")


def test_a_status_that_is_not_described(api):
    answer = api("GET /products/none")
    with pytest.raises(AssertionError, match="getProduct 418: "):
        hold(answer._replace(status=418), "GET /products/none")


PRODUCT, ANSWERS = ["components", "schemas", "Product"], ["paths", "/products/{id}", "get", "responses"]


@pytest.mark.parametrize(
    "target, change, path",
    [
        ("the_odyssey", lambda fields: fields.update(new_stock=fields.pop("in_stock")), [*PRODUCT, "properties"]),
        ("the_odyssey", lambda fields: fields.pop("in_stock"), [*PRODUCT, "properties"]),
        ("the_odyssey", lambda names: names.append("colour"), [*PRODUCT, "required"]),
        (
            "the_odyssey",
            lambda headers: headers.pop("X-Request-ID"),
            ["components", "responses", "FoundProduct", "headers"],
        ),
        ("the_odyssey", lambda contents: contents.clear(), ["components", "responses", "FoundProduct", "content"]),
        ("the_odyssey", lambda answers: answers.pop("200"), ANSWERS),
        ("none", lambda answers: answers.pop("404"), ANSWERS),
        ("none", lambda answers: answers.update({"404": answers["200"]}), ANSWERS),
        ("none", lambda methods: methods.pop("get"), ["paths", "/products/{id}"]),
    ],
)
def test_a_description_that_is_not_true(api, odyssey, target, change, path):
    request = f"GET /products/{target}"
    answer = api(request)
    hold(answer, request)
    with pytest.raises(AssertionError, match="docs/openapi.yaml, (getProduct|GET elsewhere) [24]0[04]: "):
        hold(answer, request, [(change, path)])


def test_what_was_seen(api, odyssey):
    description = Description(DOCUMENT)
    for request in ("GET /products/the_odyssey", "GET /products/none", "FOO /products"):
        answer = api(request)
        description.check(*request.split(" "), answer.status, answer.headers.items(), answer.body)
    assert description.seen == {
        ("getProduct", "200", None),
        ("getProduct", "404", "PRODUCT_NOT_FOUND"),
        ("anywhere", "4XX", "METHOD_NOT_ALLOWED"),
    }
    assert description.seen < description.described == DESCRIPTION.described
