"""A client that shuts its sending side right after its request gets the whole answer. `nc -N` and the health checks of
load balancers do that."""

import socket

import pytest

from shop.client import TIMEOUT_SECONDS, chunked
from shop.connection import Connection
from shop.samples import an_order, make_order

CLOSE = "HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n"
ORDER = b'{"order_details":[{"product_id":"the_odyssey","price":"1","quantity":1}]}'
PATCH = b'{"maximum_speed":6}'

# The bytes of a request, and its outcome. ORDER stands for the id of an order that exists.
REQUESTS = {
    "a list's bad parameter": (f"GET /orders?limit=0 {CLOSE}\r\n".encode(), "400 BAD_REQUEST"),
    "an order": (f"GET /orders/ORDER {CLOSE}\r\n".encode(), "200"),
    "products": (f"GET /products {CLOSE}\r\n".encode(), "200"),
    "a product": (f"GET /products/the_odyssey {CLOSE}\r\n".encode(), "200"),
    "health": (f"GET /health {CLOSE}\r\n".encode(), "200"),
    "HTTP/1.0": (b"GET /products HTTP/1.0\r\n\r\n", "200"),
    "nowhere": (f"GET /nowhere {CLOSE}\r\n".encode(), "404 NOT_FOUND"),
    "no order": (f"GET /orders/9223372036854775807 {CLOSE}\r\n".encode(), "404 ORDER_NOT_FOUND"),
    "an unreadable request": (b"nonsense\r\n\r\n", "400 BAD_REQUEST"),
    "POST": (f"POST /orders {CLOSE}Content-Length: {len(ORDER)}\r\n\r\n".encode() + ORDER, "200"),
    "a chunked POST": (chunked("POST /orders", ORDER, 7), "200"),
    "PATCH": (f"PATCH /products/the_odyssey {CLOSE}Content-Length: {len(PATCH)}\r\n\r\n".encode() + PATCH, "200"),
    "DELETE": (f"DELETE /orders/ORDER {CLOSE}\r\n".encode(), "204"),
    "a GET with a body": (f"GET /products {CLOSE}Content-Length: 2\r\n\r\n{{}}".encode(), "200"),
}


@pytest.mark.parametrize("request_bytes, outcome", REQUESTS.values(), ids=REQUESTS.keys())
def test_every_path(api, odyssey, request_bytes, outcome):
    request_bytes = request_bytes.replace(b"ORDER", str(make_order(api)).encode())
    assert api.raw(request_bytes, half_closed=True).outcome == outcome


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_list_from_a_worker_and_from_the_cache(api, odyssey, version):
    make_order(api)
    request = f"GET /orders?limit=5 HTTP/{version}\r\nHost: shop\r\nConnection: close\r\n\r\n".encode()
    answers = [api.raw(request, half_closed=True) for _ in range(50)]
    assert {answer.status for answer in answers} == {200} and len({answer.body for answer in answers}) == 1
    assert {answer.headers["X-Cache"] for answer in answers} == {"MISS", "HIT"}


# The pause of the workers in seconds. After 250 ms nginx waits in another way (lua/list_fills.lua).
@pytest.mark.parametrize("pause", [0.1, 0.6])
def test_a_list_that_another_client_fetches(api, stack, odyssey, pause):
    make_order(api)
    with Connection(stack.port) as first, half_closing(stack.port) as waiting:
        with stack.frozen("orders"):
            first.send("GET /orders?limit=7")
            assert not first.is_answered(seconds=0.05)
            waiting.sendall(b"GET /orders?limit=7 HTTP/1.0\r\n\r\n")
            waiting.shutdown(socket.SHUT_WR)
            assert not first.is_answered(seconds=pause)
        expected = first.reply()
        received = b"".join(iter(lambda: waiting.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 200 ") and received.endswith(b"\r\n\r\n" + expected.body)


def half_closing(port):
    return socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)


def test_a_write_that_is_waited_for(api, stack, odyssey):
    """The workers are frozen when the client sends the write."""
    with half_closing(stack.port) as client:
        with stack.frozen("orders"):
            client.sendall(REQUESTS["POST"][0])
            client.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: client.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 200 ")
    assert len(api("GET /orders").json) == 1
    assert api("POST /orders", an_order()).status == 200
