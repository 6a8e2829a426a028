"""The audit trail: one line for each write that was done, or may have been, and none for anything else."""

import json
import re
import signal

import pytest

from fake_workers import unavailable, workers_that_answer
from nginx_conf import reload
from shop.api_keys import key_ids, new_key
from shop.background import at_once
from shop.client import Client
from shop.samples import a_product, an_order, make_order, make_product, show_order
from shop.stack import signal_tree, wait_for


@pytest.fixture
def trail(stack):
    """The lines that have come since the last call."""
    return lines_of(stack)


def lines_of(stack):
    path, read = stack.run_dir / "log/nginx-audit.log", 0

    def new_lines():
        nonlocal read
        text = path.read_bytes()
        lines, read = text[read:].decode("utf-8").splitlines(), len(text)
        return [json.loads(line) for line in lines]

    new_lines()
    return new_lines


def told(lines):
    """Without what differs from run to run."""
    return [tuple(line[name] for name in ("method", "route", "id", "status", "outcome")) for line in lines]


def awaited(trail, count):
    """So many lines: nginx writes one when it has sent the answer."""
    lines = []
    wait_for(lambda: lines.extend(trail()) or len(lines) >= count, f"{count} lines in the audit log")
    return lines


def test_each_kind_of_write(api, trail):
    trail()
    api("POST /products", a_product("a b"))
    api("POST /products/", a_product("é"))
    api("PUT /products/a%20b", a_product("a b", title="changed"))
    api("PATCH /products/%61%20b?x=1", {})
    first = make_order(api, {"product_id": "a b", "price": "1", "quantity": 1})
    detail = show_order(api, first)["order_details"][0]["id"]
    api(f"PUT /orders/{first}", an_order({"id": detail, "price": "1", "quantity": 2}))
    api(f"PATCH /orders/{first}", {"order_details": []})
    api(f"DELETE /orders/{first}")
    api("DELETE /products/a%20b")
    product, order = "/products/{id}", "/orders/{id}"
    assert told(awaited(trail, 9)) == [
        ("POST", "/products", "a%20b", 200, "done"),
        ("POST", "/products", "%C3%A9", 200, "done"),
        ("PUT", product, "a%20b", 200, "done"),
        ("PATCH", product, "a%20b", 200, "done"),
        ("POST", "/orders", str(first), 200, "done"),
        ("PUT", order, str(first), 200, "done"),
        ("PATCH", order, str(first), 200, "done"),
        ("DELETE", order, str(first), 204, "done"),
        ("DELETE", product, "a%20b", 204, "done"),
    ]


def test_an_id_that_is_not_encoded_is_named_all_the_same(api, trail):
    """Nobody can hide what he has written."""
    make_product(api, "é")
    awaited(trail, 1)
    head = "PATCH /products/é HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
    assert api.raw(head.encode()).status == 200
    assert told(awaited(trail, 1)) == [("PATCH", "/products/{id}", "%C3%A9", 200, "done")]


def test_what_a_line_says(api, trail):
    trail()
    api("POST /products", a_product(), {"X-Request-ID": "my-request"})
    (line,) = awaited(trail, 1)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", line.pop("time"))
    assert line == {
        "request_id": "my-request",
        "client": "",
        "key": "",
        "remote_addr": "127.0.0.1",
        "method": "POST",
        "route": "/products",
        "id": "the_odyssey",
        "status": 200,
        "outcome": "done",
    }


def test_the_client_and_its_key(keyed_api, keyed_stack, api_keys):
    keys = [new_key(api_keys, "audited", "products:write") for _ in range(2)]
    keyed_stack.make("up", API_KEYS=str(api_keys))
    reload(keyed_stack)
    trail = lines_of(keyed_stack)
    for key in keys:
        assert Client(keyed_stack.port, key=key)("POST /products", a_product()).status == 200
        assert Client(keyed_stack.port, key=key)("POST /orders", an_order()).status == 403
    assert Client(keyed_stack.port)("POST /products", a_product()).status == 401
    lines = awaited(trail, 2)
    assert [(line["client"], line["key"]) for line in lines] == [
        ("audited", key_id) for key_id in key_ids(api_keys, "audited")
    ]


def test_what_is_no_write_or_was_refused_has_no_line(api, trail, odyssey):
    order = make_order(api)
    awaited(trail, 2)
    for method in ("GET", "HEAD", "OPTIONS"):
        for path in ("/products", "/products/the_odyssey", "/orders", f"/orders/{order}", "/health", "/docs", "/no"):
            api(f"{method} {path}")
    preflight = {"Origin": "http://localhost:1", "Access-Control-Request-Method": "POST"}
    assert api("OPTIONS /orders", headers=preflight).status == 204
    for request, body in [
        ("POST /products", {}),
        ("POST /products", b"{"),
        ("PUT /products/none", a_product("none")),
        ("DELETE /products/none", None),
        ("DELETE /orders/9223372036854775807", None),
        ("POST /orders", an_order({"product_id": "none", "price": "1", "quantity": 1})),
        ("POST /health", None),
        ("FOO /orders", None),
        ("TRACE /orders", None),
        ("POST /nowhere", {}),
    ]:
        assert 400 <= api(request, body).status < 500, request
    assert api("POST /products", a_product(), {"Origin": "http://evil.example"}).status == 403
    api("DELETE /products/the_odyssey")
    assert told(awaited(trail, 1)) == [("DELETE", "/products/{id}", "the_odyssey", 204, "done")]


def test_a_repeated_order_has_a_line_with_the_same_id(api, trail, odyssey):
    awaited(trail, 1)  # The product's.
    ids = [api("POST /orders", an_order(), {"Idempotency-Key": "k"}).json["id"] for _ in range(2)]
    lines = awaited(trail, 2)
    assert [line["id"] for line in lines] == [str(order_id) for order_id in ids] and ids[0] == ids[1]


@pytest.mark.ends_workers
@pytest.mark.logs("503: redis: ")
@pytest.mark.may_log("cannot reconcile: ")
def test_an_outage_of_which_the_outcome_is_known_has_no_line(second_api, second_stack):
    """The worker found that it cannot ask the store; or there was no worker."""
    make_product(second_api)
    with second_stack.without("redis"):
        trail = lines_of(second_stack)
        refused = [Client(second_stack.port)("POST /products", a_product()) for _ in range(20)]
        refused.append(Client(second_stack.port)("POST /orders", an_order()))
        assert {answer.status for answer in refused} == {503}
        unknown = [answer for answer in refused if "othing was changed" not in answer.json["message"]]
        assert len(trail()) == len(unknown) < 20
    second_stack.renew_workers()


@pytest.mark.logs("connect.. to unix:.*orders.sock failed")
def test_without_a_worker_there_is_no_line(api, stack, trail):
    trail()
    with stack.without_pool():
        for headers in (None, {"Idempotency-Key": "k"}):
            assert api("POST /orders", an_order(), headers).status == 503
    make_product(api)
    assert [line["route"] for line in awaited(trail, 1)] == ["/products"]


@pytest.mark.logs("upstream prematurely closed connection")
def test_a_write_without_an_answer_has_an_unknown_outcome(api, trail, odyssey, stack):
    """The id is the one that was asked for, if there was one; only in ASCII, because it need not be UTF-8."""
    awaited(trail, 1)  # The product's.
    with workers_that_answer(stack, b""):
        for request, body in [
            ("POST /orders", an_order()),
            ("DELETE /orders/17", None),
            ("PATCH /orders/17?x=/18", {}),
            ("PUT /orders/%22\\%ff", {}),
            ("GET /orders/17", None),
        ]:
            assert api(request, body).status == 503, request
        head = b"DELETE /orders/\xff\xfe HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"
        assert api.raw(head).status == 503
    order = "/orders/{id}"
    assert told(awaited(trail, 5)) == [
        ("POST", "/orders", "", 503, "unknown"),
        ("DELETE", order, "17", 503, "unknown"),
        ("PATCH", order, "17", 503, "unknown"),
        ("PUT", order, "%22\\%ff", 503, "unknown"),
        ("DELETE", order, "", 503, "unknown"),
    ]


def test_a_worker_that_knows_neither_outcome_nor_id(api, stack, trail):
    with workers_that_answer(stack, unavailable(b"X-Write: unknown ")):
        assert api("POST /orders", an_order()).status == 503
    assert told(awaited(trail, 1)) == [("POST", "/orders", "", 503, "unknown")]


def test_many_at_once_have_a_line_each(api, stack, trail):
    """More than a buffer of a log holds, from several nginx processes."""
    make_product(api)
    awaited(trail, 1)
    answers = at_once(lambda number: Client(stack.port)("PATCH /products/the_odyssey", {"in_stock": number}), 400)
    assert {answer.status for answer in answers} == {200}
    lines = awaited(trail, 400)
    assert sorted(line["request_id"] for line in lines) == sorted(answer.headers["X-Request-ID"] for answer in answers)


@pytest.mark.ends_workers
def test_a_killed_nginx_has_lost_no_line(api, stack, trail):
    make_product(api)
    awaited(trail, 1)
    answers = [api("PATCH /products/the_odyssey", {}) for _ in range(20)]
    signal_tree(stack.pid("nginx"), signal.SIGKILL)
    stack.make("up")
    lines = trail()
    assert [line["request_id"] for line in lines][:19] == [answer.headers["X-Request-ID"] for answer in answers][:19]
