"""A slow client holds a connection to nginx, never a worker."""

import socket
from contextlib import ExitStack

import pytest

from shop.samples import an_order, in_stock, make_product
from shop.stack import wait_for

# More than a pool has workers.
SLOW_CLIENTS = 100

HALF_REQUESTS = [
    b"GET /products HTTP/1.1\r\nHost: sh",
    b"POST /products HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000\r\n\r\n{",
    b"POST /orders HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n{",
]


@pytest.mark.parametrize("half", HALF_REQUESTS, ids=["half a head", "half a body", "half a chunk"])
def test_clients_that_do_not_finish_their_request(api, stack, half):
    with ExitStack() as clients:
        for _ in range(SLOW_CLIENTS):
            clients.enter_context(socket.create_connection(("127.0.0.1", stack.port))).sendall(half)
        make_product(api)
        assert api("POST /orders", an_order()).status == 200
        assert len(api("GET /orders").json) == len(api("GET /products").json) == 1


def test_clients_that_do_not_read_their_answer(api, stack):
    for number in range(100):
        make_product(api, f"p{number}", title="x" * 256)
    request = b"GET /products?limit=1000 HTTP/1.1\r\nHost: shop\r\n\r\n"
    with ExitStack() as clients:
        for _ in range(SLOW_CLIENTS):
            client = clients.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            client.connect(("127.0.0.1", stack.port))
            client.sendall(request * 10)
        assert len(api("GET /products").json) == 100


def test_clients_that_hang_up(api, stack, odyssey):
    """The workers do what they asked for, and go on."""
    order = b'{"order_details":[{"product_id":"the_odyssey","price":"1","quantity":1}]}'
    head = b"POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n\r\n" % len(order)
    for _ in range(SLOW_CLIENTS):
        with socket.create_connection(("127.0.0.1", stack.port)) as client:
            client.sendall(head + order)
    assert api("POST /orders", an_order()).status == 200
    wait_for(lambda: in_stock(api) == 10 - SLOW_CLIENTS - 1, "the last order is done")
