"""X-Request-ID: nginx takes a harmless one and replaces any other. It is in the answer, and in both logs."""

import json
import re
import uuid
from contextlib import ExitStack

import pytest

from shop.connection import Connection
from shop.samples import a_detail, an_order
from shop.stack import wait_for


@pytest.mark.parametrize("request_id", ["x", "0", "a-b_c.D9", "3f1c5c1e-9a52-4c43-8f4e-0f8a0a9b2d11", "x" * 128])
@pytest.mark.parametrize("target", ["/products", "/orders", "/orders/1", "/health", "/nowhere"])
def test_a_harmless_id_is_taken(api, target, request_id):
    assert api(f"GET {target}", headers={"X-Request-ID": request_id}).headers["X-Request-ID"] == request_id


@pytest.mark.parametrize(
    "request_id", ["", " ", "a b", 'a"b', "{}", "a,b", "<x>", "a\\b", "é".encode().decode("latin-1"), "x" * 1000]
)
def test_any_other_id_is_replaced(api, request_id):
    """It could break a line of the log, or a header."""
    answered = api("GET /products", headers={"X-Request-ID": request_id}).headers["X-Request-ID"]
    assert answered != request_id
    assert re.fullmatch(r"[A-Za-z0-9._-]+", answered)


def test_each_request_gets_its_own_id(stack):
    """Many come within the same millisecond."""
    with ExitStack() as stacked:
        connections = [stacked.enter_context(Connection(stack.port)) for _ in range(5)]
        answers = [
            ask(f"GET {target}") for _ in range(20) for ask in connections for target in ("/products", "/nowhere")
        ]
    assert len({answer.header("X-Request-ID") for answer in answers}) == len(answers) == 200


def test_a_request_with_two_ids_has_one_in_its_answer(api):
    head = b"GET /products HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n"
    assert api.raw(head + b"X-Request-ID: one\r\nX-Request-ID: two\r\n\r\n").status == 200


@pytest.mark.parametrize(
    "request_line, body, status, pool",
    [
        ("GET /products?limit=5", None, 200, "products"),
        ("POST /products", b"{", 400, "products"),
        ("GET /orders", None, 200, "orders"),
        ("POST /orders", an_order(a_detail("none")), 404, "orders"),
        ("DELETE /orders/77", None, 404, "orders"),
    ],
)
def test_both_logs_have_the_id(api, stack, request_line, body, status, pool):
    request_id = f"test-{uuid.uuid4()}"
    answer = api(request_line, body, {"X-Request-ID": request_id})
    assert (answer.status, answer.headers["X-Request-ID"]) == (status, request_id)

    method, target = request_line.split(" ")
    nginx = logged(stack, "nginx-access.log", request_id)
    assert (nginx["method"], nginx["uri"], nginx["status"]) == (method, target, status)
    assert nginx["request_time"] >= 0 and float(nginx["upstream_time"]) >= 0

    worker = logged(stack, f"{pool}.log", request_id)
    assert (worker["part"], worker["event"]) == (pool, "request")
    assert worker["message"].startswith(f"{method} {target.split('?')[0]} {status}")


def test_nginx_logs_its_own_errors_too(api, stack):
    request_id = f"test-{uuid.uuid4()}"
    api("GET /no%22where%0A", headers={"X-Request-ID": request_id, "User-Agent": '"\\'})
    assert logged(stack, "nginx-access.log", request_id)["status"] == 404


def test_what_nginx_asks_for_the_cache_is_not_logged(api, stack):
    request_id = f"test-{uuid.uuid4()}"
    for _ in range(20):
        assert api("GET /orders?limit=0", headers={"X-Request-ID": request_id}).status == 400
    wait_for(lambda: len(lines_with(stack, "nginx-access.log", request_id)) >= 20, "the requests are logged")
    assert not [line for line in lines_with(stack, "nginx-access.log", request_id) if "unix:" in line]


def lines_with(stack, name, request_id):
    log = (stack.run_dir / "log" / name).read_text()
    return [line for line in log.splitlines() if request_id in line] if request_id in log else []


def logged(stack, name, request_id):
    """Waits for the only line of a log with this request id, which must be JSON. nginx writes lines with a delay."""
    (line,) = wait_for(lambda: lines_with(stack, name, request_id), f"{request_id} in {name}")
    entry = json.loads(line)
    assert entry["request_id"] == request_id
    return entry
