"""A method that a path does not have is a 405 with Allow. HEAD works wherever GET does."""

import pytest

from shop.samples import a_product, make_order, make_product

COLLECTION = {"GET", "HEAD", "POST"}
ITEM = {"GET", "HEAD", "PUT", "PATCH", "DELETE"}
RESOURCES = {
    "/products": COLLECTION,
    "/products/": COLLECTION,
    "/products/the_odyssey": ITEM,
    "/products/none": ITEM,
    "/orders": COLLECTION,
    "/orders/": COLLECTION,
    "/orders/1": ITEM,
    "/orders/9223372036854775807": ITEM,
    "/health": {"GET", "HEAD"},
}
METHODS = "GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT PROPFIND COPY FOO X-Y".split() + ["G" * 100]

REFUSED = [(method, path) for path, allowed in RESOURCES.items() for method in METHODS if method not in allowed]

# Paths that do not exist, whatever the method.
NO_PATHS = """/ /nowhere /product /%70roduct /PRODUCTS /products.json /productsx /ordersx/1 /healthz /preflight /orders/abc
    /orders/0 /orders/9223372036854775808 /orders/1/ /products/a/b /%70roducts /healt%68 //orders /products/../orders
    /favicon.ico /index.html""".split()
NO_PATHS += ["/health/products", "/health/orders"]  # nginx asks the workers for them; clients may not.


@pytest.mark.parametrize("method, path", REFUSED)
def test_another_method(api, odyssey, method, path):
    answer = api(f"{method} {path}", a_product())
    assert answer.outcome == "405 METHOD_NOT_ALLOWED"
    assert answer.allowed_methods() == RESOURCES[path]


@pytest.mark.parametrize("method", [method for method in METHODS if method != "HEAD"])
@pytest.mark.parametrize("path", NO_PATHS)
def test_another_path(api, method, path):
    assert api(f"{method} {path}").outcome == "404 NOT_FOUND"


@pytest.mark.parametrize("method", ["get", "patch", "Get", "FOO1", "G.T"])
@pytest.mark.parametrize("path", ["/products", "/nowhere"])
def test_what_nginx_cannot_read_as_a_method(api, odyssey, method, path):
    """nginx takes capitals, - and _ only. RFC 9110 section 9.1 allows more."""
    assert api(f"{method} {path}").outcome == "400 BAD_REQUEST"


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_a_method_that_nginx_refuses_brings_no_body_in(api, stack, method):
    """nginx checks the method before the size of the body. This body would fill the disk or a worker's queue."""
    head = f"{method} /orders/1 HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n"
    length = f"Content-Length: {1 << 40}\r\n\r\n"
    assert api.raw((head + length).encode()).outcome == "405 METHOD_NOT_ALLOWED"
    chunks = "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    assert api.raw((head + chunks).encode()).outcome == "405 METHOD_NOT_ALLOWED"


@pytest.mark.logs(r"connect\(\) to unix:\S+ failed")
@pytest.mark.parametrize("method", ["HEAD", "TRACE", "CONNECT", "FOO"])
def test_another_method_while_the_workers_are_away(second_api, second_stack, method):
    with second_stack.without_pool():
        assert second_api(f"{method} /orders").status == 503


@pytest.mark.parametrize(
    "target, status",
    [
        ("/products", 200),
        ("/products/", 200),
        ("/products?limit=1", 200),
        ("/products?limit=0", 400),
        ("/products/the_odyssey", 200),
        ("/products/none", 404),
        ("/orders", 200),
        ("/orders/", 200),
        ("/orders?limit=1&expand=product", 200),
        ("/orders?expand=", 400),
        ("/orders/{order}", 200),
        ("/orders/9223372036854775807", 404),
        ("/orders/0", 404),
        ("/health", 200),
        ("/nowhere", 404),
    ],
)
def test_head_is_get_without_the_body(api, odyssey, target, status):
    make_product(api, "the_enigma")
    order_id, _ = make_order(api), make_order(api)
    target = target.format(order=order_id)
    raw = "{} {} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"
    get = api.raw(raw.format("GET", target).encode())
    head = api.raw(raw.format("HEAD", target).encode())
    assert (get.status, head.status) == (status, status)
    assert head.body == b""
    assert head.lasting_headers == get.lasting_headers


def test_answers_on_one_connection_do_not_run_together(api, odyssey):
    """A body where none belongs, or a wrong length, would spoil the next answer."""
    requests = [
        ("GET", "/products/the_odyssey", 200),
        ("HEAD", "/products/the_odyssey", 200),
        ("HEAD", "/products/none", 404),
        ("GET", "/products/none", 404),
        ("HEAD", "/nowhere", 404),
        ("FOO", "/orders", 405),
        ("OPTIONS", "/orders", 405),
        ("DELETE", "/products/the_odyssey", 204),
        ("GET", "/products", 200),
        ("HEAD", "/health", 200),
    ]
    head = "".join(f"{method} {target} HTTP/1.1\r\nHost: shop\r\n\r\n" for method, target, _ in requests)
    answer = api.raw((head + "GET /orders HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n").encode())
    received = b"HTTP/1.1 %d " % answer.status + answer.body
    statuses = [int(part[:3]) for part in received.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [status for _, _, status in requests] + [200]
