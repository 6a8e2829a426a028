"""API_KEYS: who may ask for what. Every path that is described, with each kind of key; and what else a client may try."""

import json
import os
import re
from pathlib import Path

import pytest

from nginx_conf import hit, reload
from shop.api_keys import SCOPES, files_with, new_key
from shop.client import Client
from shop.description import DESCRIPTION
from shop.samples import a_product, an_order, make_order, make_product
from shop.dev_stack import all_pids

OPERATIONS = {operation.name: operation for operation in DESCRIPTION.operations}
CLOSED = [name for name, operation in OPERATIONS.items() if operation.scopes]
OPEN = [name for name in OPERATIONS if name not in CLOSED]
UNKNOWN = "airship_" + 43 * "A"

BODIES = {
    "putProduct": a_product("new"),
    "replaceProduct": a_product(title="changed"),
    "updateProduct": {"title": "changed"},
    "createOrder": an_order(),
    "updateOrder": {"order_details": []},
}


@pytest.fixture(scope="session")
def keys(api_keys, keyed_stack):
    """By scope a key that has it alone, and one that has all others."""
    alone = {scope: new_key(api_keys, "one", scope) for scope in SCOPES}
    others = {scope: new_key(api_keys, "three", *(set(SCOPES) - {scope})) for scope in SCOPES}
    keyed_stack.make("up", API_KEYS=str(api_keys))
    reload(keyed_stack)  # Waits for the old workers.
    return alone, others


@pytest.fixture
def ask(keyed_api, keyed_stack, keys):
    """Sends the request of an operation with a key, in one of the two headers. There is a product, and an order of it."""
    make_product(keyed_api)
    order = make_order(keyed_api)
    detail = keyed_api(f"GET /orders/{order}").json["order_details"][0]["id"]
    bodies = BODIES | {"replaceOrder": an_order({"id": detail, "price": "1.00", "quantity": 2})}

    def send(name, key, header="Authorization"):
        operation = OPERATIONS[name]
        path = operation.path.replace("{id}", "the_odyssey" if "/products" in operation.path else str(order))
        return api_with(keyed_stack, key, header)(f"{operation.method} {path}", bodies.get(name))

    return send


def api_with(stack, key, header="Authorization"):
    api = Client(stack.port, stack.fingerprint)
    sent = {} if key is None else {header: f"Bearer {key}" if header == "Authorization" else key}
    return lambda request, body=None, headers=None: api(request, body, sent | (headers or {}))


def test_each_operation_names_its_scope():
    for name in CLOSED:
        operation = OPERATIONS[name]
        resource = "products" if operation.path.startswith("/products") else "orders"
        action = "read" if operation.method in ("GET", "HEAD") else "write"
        assert operation.scopes == {f"{resource}:{action}"}, name
    assert {OPERATIONS[name].path for name in OPEN} == {"/health", "/openapi.json", "/docs", "/redoc"}


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
@pytest.mark.parametrize("name", CLOSED)
def test_an_operation_with_each_kind_of_key(ask, keyed_stack, keys, name, header):
    """The workers are frozen while nginx refuses. The client checks that nothing has changed."""
    alone, others = keys
    (scope,) = OPERATIONS[name].scopes
    with keyed_stack.frozen("products"), keyed_stack.frozen("orders"):
        for key in (None, UNKNOWN):
            answer = ask(name, key, header)
            assert answer.status == 401 and answer.headers["WWW-Authenticate"] == "Bearer", (key, answer)
        answer = ask(name, others[scope], header)
        assert answer.status == 403 and "WWW-Authenticate" not in answer.headers, answer
    assert 200 <= ask(name, alone[scope], header).status < 300


@pytest.mark.parametrize("name", OPEN)
def test_what_is_open_needs_no_key(ask, keys, name):
    for key in (None, UNKNOWN, keys[0]["orders:read"]):
        assert ask(name, key).status == 200, key


@pytest.mark.parametrize(
    "request_line",
    """GET /nowhere
       POST /nowhere
       GET /
       GET /health/orders
       GET /docs/
       FOO /products
       OPTIONS /orders
       TRACE /orders
       TRACE /nowhere
       CONNECT /products/the_odyssey""".splitlines(),
)
def test_all_else_needs_a_key(ask, keyed_stack, keys, request_line):
    """Any key, where there is nothing; and a scope where a worker answers."""
    method, path = request_line.split()
    alone, _ = keys
    scope = f"{path.split('/')[1]}:{'read' if method == 'OPTIONS' else 'write'}"
    assert api_with(keyed_stack, None)(f"{method} {path}").outcome == "401 UNAUTHORIZED"
    assert api_with(keyed_stack, UNKNOWN)(f"{method} {path}").outcome == "401 UNAUTHORIZED"
    assert api_with(keyed_stack, alone.get(scope, alone["orders:read"]))(f"{method} {path}").status in (404, 405)


@pytest.mark.parametrize(
    "target",
    """/products/../orders /orders/../products /products/%2e%2e/orders /products/..%2forders /products/x/../../orders
       /%6frders /o%72ders/1 //orders /./orders /orders/. /ORDERS /products?x=/orders /orders;/products
       /orders%3fx /products%2f..%2forders http://shop/orders http://shop/products/../orders /health/../orders
       /docs/../orders /health?/orders /pages/../orders /preflight""".split(),
)
def test_no_spelling_of_a_path_shows_more(ask, keyed_api, keyed_stack, keys, target):
    """A key for products shows no order, and no key shows nothing."""
    open_to_all = keyed_api("GET /health").body
    for key in (None, keys[0]["products:read"]):
        answer = api_with(keyed_stack, key)(f"GET {target}")
        shown = answer.status == 200 and answer.body != open_to_all
        assert not shown or (key and b"order_details" not in answer.body), answer


@pytest.mark.parametrize("name", ["getProduct", "listProducts", "getOrder", "listOrders"])
def test_what_nginx_has_cached_is_shown_to_no_other(ask, keyed_api, keyed_stack, keys, name):
    """It was fetched with a key that may see it."""
    _, others = keys
    item = "the_odyssey" if "Product" in name else str(keyed_api("GET /orders").json[0]["id"])
    request = f"GET {OPERATIONS[name].path}".replace("{id}", item)
    (scope,) = OPERATIONS[name].scopes
    hit(keyed_api, request)
    for key, status in [(None, 401), (UNKNOWN, 401), (others[scope], 403)]:
        answer = api_with(keyed_stack, key)(request, headers={"If-None-Match": "*"})
        assert answer.status == status and "X-Cache" not in answer.headers and "ETag" not in answer.headers


@pytest.mark.parametrize(
    "headers, status",
    [
        ("Authorization: bearer {key}", 200),
        ("authorization: BEARER {key}", 200),
        ("x-api-key: {key}", 200),
        ("Authorization: Basic dTpw\r\nX-API-Key: {key}", 200),
        ("Authorization: Bearer {key}\r\nX-API-Key: wrong", 200),
        ("Authorization: Bearer wrong\r\nX-API-Key: {key}", 401),
        ("Authorization: {key}", 401),
        ("Authorization: Bearer", 401),
        ("Authorization: Bearer {key}x", 401),
        ("Authorization: Bearer {key}, Bearer {key}", 401),
        ("Authorization: Basic {key}", 401),
        ("Authorization: Bearer {lower}", 401),
        ("Authorization: Bearer {digest}", 401),
        ("X-API-Key: {digest}", 401),
        ("X-API-Key:", 401),
        ("X-API-Key: wrong\r\nX-API-Key: {key}", 401),
        ("X-API-Key: " + 8000 * "k", 401),
        ("Cookie: key={key}", 401),
        ("Authorization: Bearer {key}\r\nAuthorization: Bearer {key}", 400),
    ],
)
def test_how_a_key_is_sent(keyed_api, keyed_stack, api_keys, headers, status):
    digest = api_keys.read_text().split("\n")[0].split(" ")[2]
    filled = headers.format(key=keyed_stack.key, lower=keyed_stack.key.lower(), digest=digest)
    request = f"GET /orders HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n{filled}\r\n\r\n"
    assert Client(keyed_stack.port).raw(request.encode()).status == status


def test_a_key_in_the_target_is_none(keyed_api, keyed_stack):
    assert Client(keyed_stack.port)(f"GET /orders?api_key={UNKNOWN}").status == 401


def test_an_error_of_the_browser_comes_first(keyed_api, keyed_stack, keys):
    """A foreign page learns nothing about keys; a preflight of the shop's own pages has none."""
    foreign = {"Origin": "http://evil.example"}
    for key in (None, keys[0]["orders:read"], keyed_stack.key):
        assert api_with(keyed_stack, key)("POST /products", a_product(), foreign).outcome == "403 FORBIDDEN_ORIGIN"
    ours = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "GET"}
    answer = api_with(keyed_stack, None)("OPTIONS /orders", headers=ours)
    assert answer.status == 204 and "authorization" in answer.headers["Access-Control-Allow-Headers"]
    refused = api_with(keyed_stack, None)("GET /orders", headers={"Origin": "http://localhost:3000"})
    assert refused.status == 401 and refused.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"


def test_the_connection_is_still_good_after_a_refusal(keyed_api, keyed_stack):
    """No worker has read its body. It must not be taken for the next request."""
    body = b"GET /nowhere HTTP/1.1\r\nHost: shop\r\n\r\n"
    write = b"POST /products HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    read = b"GET /health HTTP/1.1\r\nHost: shop\r\n"
    answer = Client(keyed_stack.port).raw(read + b"\r\n" + write + read + b"Connection: close\r\n\r\n")
    assert answer.status == 200
    assert re.findall(rb"HTTP/1.1 (\d+)", answer.body) == [b"401", b"200"]


def test_idempotency_keys_of_one_client_are_apart_from_anothers(keyed_api, keyed_stack, api_keys):
    """Those of one client are the same with each of its keys. No header makes a client another one."""
    make_product(keyed_api)
    first, second, other = [new_key(api_keys, name, "orders:write") for name in ("shop-a", "shop-a", "shop-b")]
    keyed_stack.make("up", API_KEYS=str(api_keys))
    reload(keyed_stack)
    body = json.dumps(an_order()).encode()

    def post(key, sent=body, **headers):
        return api_with(keyed_stack, key)("POST /orders", sent, {"Idempotency-Key": "k"} | headers)

    mine, theirs = post(first).json["id"], post(other, body + b" ").json["id"]
    assert mine != theirs
    assert post(second).json["id"] == mine
    assert post(other).outcome == "422 IDEMPOTENCY_KEY_REUSED"
    for header in ("Remote-User", "Remote_User", "REMOTE-USER", "X-Remote-User"):
        assert post(other, body + b" ", **{header: "shop-a"}).json["id"] == theirs
    stored = {row[0] for row in keyed_stack.postgres("SELECT key FROM idempotency_keys")}
    assert stored == {"shop-a k", "shop-b k"}


def test_keys_are_nowhere(ask, keyed_api, keyed_stack, keys):
    """Not in a log, a store, the configuration, or on a command line; neither known keys nor others."""
    alone, others = keys
    unknown = "airship_" + 43 * "B"
    for key in (keyed_stack.key, unknown, *alone.values()):
        for header in ("Authorization", "X-API-Key"):
            for name in CLOSED:
                ask(name, key, header)
    long = {"X-API-Key": 9000 * "x" + unknown}
    assert Client(keyed_stack.port)("GET /orders", headers=long).status == 431
    Client(keyed_stack.port).raw(f"GET /orders HTTP/1.1\r\nHost: shop\r\nAuthorization {unknown}\r\n\r\n".encode())
    for key in (keyed_stack.key, unknown, *alone.values(), *others.values()):
        assert files_with(key, keyed_stack.run_dir) == []
        assert [pid for pid in all_pids() if pid != os.getpid() and key.encode() in told_by(pid)] == []


def told_by(pid):
    """What everybody can read of a process, and its environment."""
    told = b""
    for name in ("cmdline", "environ"):
        try:
            told += Path(f"/proc/{pid}/{name}").read_bytes()
        except OSError:  # It has ended.
            pass
    return told
