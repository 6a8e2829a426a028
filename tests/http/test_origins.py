"""SHOP_ORIGINS: writes from pages of other origins are refused, and CORS lets the pages of these origins read the
answers.

tests/browser has the same with a browser.
"""

import re

import pytest

from nginx_conf import generations, hit
from shop.client import Client
from shop.samples import a_product, an_order, make_order

# The default, for development. The second stack has other origins.
OURS = [
    "http://localhost:8000",
    "http://localhost:3000",
    "http://localhost",
    "https://localhost:8443",
    "http://127.0.0.1:5173",
    "http://[::1]:65535",
    "HTTP://LOCALHOST:1",  # No browser writes capitals, but RFC 6454 takes them for the same.
]
FOREIGN = [
    "http://evil.example",
    "http://evil.example:8000",  # From DNS rebinding: the Host is the same.
    "https://evil.example",
    "null",
    "",
    " ",
    "localhost:3000",
    "http://localhost.evil.example",
    "http://localhost:3000.evil.example",
    "http://evil.example/http://localhost:3000",
    "http://localhost:3000 http://evil.example",
    "http://localhost:3000, http://localhost:3000",
    "http://localhost:",
    "http://localhost:x",
    "http://localhost:3000/",
    "http://evil@localhost:3000",
    "ftp://localhost",
    "http://127.0.0.2",
    "http://127x0.0.1",
    "http://[::2]",
    "http://::1",
    "http://localhost:3000\x01",
    "http://localhost:3000\t",
    "http://localhost" + ":1" * 3000,
    "http://" + "a" * 7000,
]
WRITES = [
    ("POST /products", a_product("new")),
    ("PUT /products/the_odyssey", a_product(title="changed")),
    ("PATCH /products/the_odyssey", {"title": "changed"}),
    ("DELETE /products/the_odyssey", None),
    ("POST /orders", an_order()),
    ("POST /orders/", an_order()),
    ("PUT /orders/{order}", an_order()),
    ("PATCH /orders/{order}", {"order_details": []}),
    ("DELETE /orders/{order}", None),
    ("POST /health", None),
    ("POST /nowhere", None),
    ("FOO /orders", None),
    ("TRACE /orders", None),
    ("CONNECT /nowhere", None),
]
READS = """/products /products/the_odyssey /products/none /orders /orders/{order} /health /nowhere
           /orders?limit=0""".split()
EXPOSED = {"Link", "ETag", "X-Request-ID", "Retry-After"}


@pytest.fixture
def order_id(api, odyssey):
    return make_order(api)


def short(value):
    return repr(value[:40])


def assert_readable(answer, origin):
    """A page of this origin may read the answer, by the Fetch standard. Not with cookies: the shop has none."""
    assert answer.headers.get_all("Access-Control-Allow-Origin") == [origin]
    assert set(answer.headers["Access-Control-Expose-Headers"].split(", ")) == EXPOSED
    assert "Access-Control-Allow-Credentials" not in answer.headers


def assert_unreadable(answer):
    assert not [name for name in answer.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize("request_line, body", WRITES)
def test_a_foreign_write_is_refused_before_it_gets_to_a_worker(api, stack, order_id, request_line, body):
    """The workers are frozen. The client checks that nothing has changed."""
    with stack.frozen("products"), stack.frozen("orders"):
        answer = api(request_line.format(order=order_id), body, {"Origin": "http://evil.example"})
    assert answer.outcome == "403 FORBIDDEN_ORIGIN"
    assert_unreadable(answer)


@pytest.mark.parametrize("origin", FOREIGN, ids=short)
@pytest.mark.parametrize("request_line", ["POST /products", "POST /orders", "DELETE /products/the_odyssey"])
def test_an_origin_that_is_not_ours(api, odyssey, request_line, origin):
    body = {"POST /products": a_product("new"), "POST /orders": an_order()}.get(request_line)
    answer = api(request_line, body, {"Origin": origin, "Content-Type": "text/plain"})
    assert answer.outcome == "403 FORBIDDEN_ORIGIN"


@pytest.mark.parametrize("second", ["http://evil.example", "http://localhost:3000", ""])
@pytest.mark.parametrize("between", [0, 150])
def test_two_origins_are_not_ours(api, second, between):
    """Nor with many headers between them: a server may stop reading after a number of headers."""
    headers = "Origin: http://localhost:3000\r\n" + "X: y\r\n" * between + f"origin: {second}\r\n"
    request = f"POST /products HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n{headers}Content-Length: 2\r\n\r\n{{}}"
    assert api.raw(request.encode()).outcome == "403 FORBIDDEN_ORIGIN"


@pytest.mark.parametrize("origin", OURS)
def test_our_pages_write_and_read_the_answer(api, odyssey, origin):
    answers = [
        api("POST /products", a_product("new"), {"Origin": origin, "Sec-Fetch-Site": "same-site"}),
        api("POST /orders", an_order(), {"Origin": origin, "Sec-Fetch-Site": "cross-site"}),
        api("PATCH /products/new", {"in_stock": 5}, {"Origin": origin}),
        api("DELETE /products/new", None, {"Origin": origin}),
    ]
    assert [answer.status for answer in answers] == [200, 200, 200, 204]
    for answer in answers:
        assert_readable(answer, origin)


@pytest.mark.parametrize(
    "site, status",
    [("cross-site", 403), ("same-site", 200), ("same-origin", 200), ("none", 200), ("", 200), ("x", 200)],
)
def test_a_write_without_an_origin(api, site, status):
    """`none` is a request that the user makes, by a bookmark or the address bar."""
    assert api("POST /products", a_product(), {"Sec-Fetch-Site": site}).status == status


@pytest.mark.parametrize("target", READS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reads_are_never_refused(api, order_id, method, target):
    target = target.format(order=order_id)
    plain = api(f"{method} {target}").status
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = api(f"{method} {target}", headers=headers)
        assert answer.status == plain
        assert_unreadable(answer)


@pytest.mark.parametrize("target", READS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "FOO", "TRACE"])
def test_our_pages_read_errors_too(api, order_id, method, target):
    assert_readable(api(f"{method} {target.format(order=order_id)}", headers={"Origin": OURS[1]}), OURS[1])


@pytest.mark.logs("503: redis: ")
@pytest.mark.may_log("cannot reconcile: redis: ")  # The reconciler looks once a second.
def test_our_pages_read_a_503(second_stack):
    with second_stack.frozen("redis"):
        answer = Client(second_stack.port)("GET /products", headers={"Origin": "https://shop.example.com"})
    assert answer.status == 503
    assert_readable(answer, "https://shop.example.com")


@pytest.mark.logs("client intended to send too large body")
def test_the_origin_is_checked_before_the_size_of_the_body(api):
    body = b"x" * (2 << 20)
    assert api("POST /products", body, {"Origin": "http://evil.example"}).outcome == "403 FORBIDDEN_ORIGIN"
    answer = api("POST /products", body, {"Origin": OURS[1]})
    assert answer.outcome == "413 PAYLOAD_TOO_LARGE"
    assert_readable(answer, OURS[1])


def test_each_origin_gets_a_cached_list_with_its_own_headers(api, order_id):
    """Whichever origin has fetched it, and also in a 304."""
    fetched = api("GET /orders", headers={"Origin": OURS[0]})
    assert_readable(fetched, OURS[0])
    for origin in OURS[:4]:
        assert_readable(hit(api, "GET /orders", {"Origin": origin}), origin)
        answer = hit(api, "GET /orders", {"Origin": origin, "If-None-Match": fetched.headers["ETag"]})
        assert answer.status == 304
        assert_readable(answer, origin)
    for headers in (None, {"Origin": "http://evil.example"}):
        assert_unreadable(hit(api, "GET /orders", headers))


@pytest.mark.parametrize("path", ["/products", "/products/the_odyssey", "/orders", "/orders/1", "/health", "/nowhere"])
@pytest.mark.parametrize("method", ["POST", "PATCH", "FOO"])
def test_a_preflight_of_ours(api, stack, path, method):
    headers = {
        "Origin": OURS[1],
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type,idempotency-key",
    }
    with stack.frozen("products"), stack.frozen("orders"):
        answer = api(f"OPTIONS {path}", headers=headers)
    assert answer.status == 204
    assert_readable(answer, OURS[1])
    assert listed(answer, "Methods") == {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
    assert listed(answer, "Headers") == set(
        "authorization content-type idempotency-key if-none-match x-api-key x-request-id".split()
    )
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


def listed(answer, name):
    return set(answer.headers[f"Access-Control-Allow-{name}"].split(", "))


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"},
        {"Origin": "null", "Access-Control-Request-Method": "POST"},
        {"Access-Control-Request-Method": "POST"},
        {"Origin": OURS[1]},
        {"Origin": OURS[1], "Access-Control-Request-Method": ""},
        {},
    ],
    ids=str,
)
def test_any_other_options_request_is_refused(api, headers):
    assert api("OPTIONS /nowhere", headers=headers).outcome == "404 NOT_FOUND"
    answer = api("OPTIONS /orders", headers=headers)
    assert answer.outcome == "405 METHOD_NOT_ALLOWED"
    assert answer.allowed_methods() == {"GET", "HEAD", "POST"}
    assert not [name for name in answer.headers if name.startswith("Access-Control-Allow-M")]


# The second stack has SHOP_ORIGINS="https://shop.example.com http://app.example.com:* app+x://[fe80::1]:9".
@pytest.mark.parametrize(
    "origin, status",
    [
        ("https://shop.example.com", 200),
        ("http://app.example.com", 200),
        ("http://app.example.com:1234", 200),
        ("app+x://[fe80::1]:9", 200),
        ("http://localhost:3000", 403),
        ("https://shop.example.com:444", 403),
        ("http://shop.example.com", 403),
        ("https://shop-example.com", 403),
        ("https://app.example.com", 403),
        ("https://xshop.example.com", 403),
        ("appx://[fe80::1]:9", 403),
        ("app+x://[fe80::1]", 403),
        ("app+x://f:9", 403),
    ],
)
def test_the_setting(second_api, second_stack, origin, status):
    answer = second_api("POST /products", a_product(), {"Origin": origin})
    assert answer.status == status
    if status == 200:
        assert_readable(answer, origin)


def test_a_foreign_write_raises_no_generation(api, stack, order_id):
    """Otherwise a foreign page could make nginx fetch each list again."""
    before = generations(api, stack)
    for path in ("/orders", "/products"):
        api(f"POST {path}", {}, {"Origin": "http://evil.example"})
    assert generations(api, stack) == before


def test_the_connection_is_still_good_after_a_foreign_write(api, odyssey):
    """No worker has read its body. It must not be taken for the next request."""
    body = b"GET /nowhere HTTP/1.1\r\nHost: shop\r\n\r\n"
    read = b"GET /products HTTP/1.1\r\nHost: shop\r\n"
    write = b"POST /products HTTP/1.1\r\nHost: shop\r\nOrigin: null\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    answer = api.raw(read + b"\r\n" + write + read + b"Connection: close\r\n\r\n")
    assert answer.status == 200
    assert re.findall(rb"HTTP/1.1 (\d+)", answer.body) == [b"403", b"200"]
