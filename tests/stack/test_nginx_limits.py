"""CONNECTIONS, CLIENT_CONNECTIONS, CLIENT_REQUESTS_PER_SECOND, CLIENT_BODY_SECONDS: nginx refuses what is over a limit
in JSON, or closes the connection. It serves what is below."""

import json
import re
import resource
import select
import socket
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest

from shop.client import Client
from shop.samples import a_product, an_order, make_product
from shop.stack import wait_for

CLIENT_CONNECTIONS = 20
BODY_SECONDS = 5
HEAD_SECONDS = 5  # client_header_timeout.
HALF_HEADS = 9500  # More than the 8192 that two processes have with 4096 worker_connections each.
SLOW = b"POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000\r\n\r\n{"


@pytest.fixture
def limited(shop):
    """The shop with low limits, and a product."""
    connections = {"CONNECTIONS": "256", "CLIENT_CONNECTIONS": str(CLIENT_CONNECTIONS)}
    shop.up_and_reloaded(**connections, CLIENT_BODY_SECONDS=str(BODY_SECONDS))
    make_product(shop.api)
    return shop


def from_address(shop, source):
    return Client(shop.port, shop.fingerprint, source=source)


def slow_client(shop, source):
    """Its request is under way until its connection is closed. nginx asks for the body after it has counted the request."""
    client = socket.create_connection(("127.0.0.1", shop.port), source_address=(source, 0))
    client.sendall(b"POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
    assert client.recv(100).startswith(b"HTTP/1.1 100 Continue")
    return client


def requests_of_all(shop):
    conf = (shop.run_dir / "nginx/conf/shop_server.conf").read_text()
    return int(re.search(r"limit_conn requests (\d+);", conf)[1])


REQUESTS = [
    ("GET /orders", None),
    ("GET /products", None),
    ("GET /health", None),
    ("POST /orders", an_order()),
    ("PUT /products/the_odyssey", a_product(in_stock=7)),
    ("DELETE /products/the_odyssey", None),
]


def test_one_address_over_its_limit(limited):
    """nginx refuses it on every path that does work, and serves another address."""
    crowded, other = from_address(limited, "127.0.0.2"), from_address(limited, "127.0.0.3")
    with ExitStack() as clients:
        for _ in range(CLIENT_CONNECTIONS):
            clients.enter_context(slow_client(limited, "127.0.0.2"))
        for request, body in REQUESTS:
            assert crowded(request, body).outcome == "429 TOO_MANY_REQUESTS", request
        assert crowded("HEAD /products").status == 429
        assert other("GET /orders").status == other("POST /orders", an_order()).status == 200
    wait_for(lambda: crowded("POST /orders", an_order()).status == 200, "the slow clients are gone")
    wait_for(lambda: logged(limited, 429), "the log says it")


def test_all_addresses_over_the_limit(limited):
    """The answer to a write says that nothing was changed."""
    before, requests = limited.fingerprint(), requests_of_all(limited)
    with ExitStack() as clients:
        for number in range(requests):
            clients.enter_context(slow_client(limited, f"127.0.1.{number // (CLIENT_CONNECTIONS - 1)}"))
        api = from_address(limited, "127.0.0.9")
        for request, body in REQUESTS:
            answer = api(request, body)
            assert answer.outcome == "503 SERVICE_UNAVAILABLE", request
            assert "Nothing was changed" in answer.json["message"], request
        assert limited.fingerprint() == before
    assert '"status":503' not in limited.log("nginx-audit")
    wait_for(lambda: api("POST /orders", an_order()).status == 200, "the slow clients are gone")


def test_thousands_with_half_a_head_leave_room(shop):
    """nginx does not count them, and closes none of them before its timeout. It serves all others meanwhile."""
    make_product(shop.api)
    with many_open_files(), ExitStack() as clients:
        for _ in range(HALF_HEADS):
            clients.enter_context(socket.create_connection(("127.0.0.1", shop.port))).sendall(b"G")
        began = time.monotonic()
        assert shop.api("GET /health").status == 200
        assert shop.api("POST /orders", an_order()).status == 200
        assert shop.api("GET /orders").status == 200
        assert time.monotonic() - began < HEAD_SECONDS


def test_half_a_head_has_a_deadline(shop):
    """The deadline is for the whole head: it is kept although bytes keep coming."""
    with socket.create_connection(("127.0.0.1", shop.port)) as client:
        client.sendall(b"GET /products HTTP/1.1\r\nX: ")
        began = time.monotonic()
        while not select.select([client], [], [], 0.3)[0]:
            client.sendall(b"x")
            assert time.monotonic() - began < 2 * HEAD_SECONDS
        assert received(client) == b"" and time.monotonic() - began > HEAD_SECONDS - 0.5


@contextmanager
def many_open_files():
    """Lets this process open a file for each of its connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_many_idle_and_many_busy_connections_of_one_address_are_served(shop):
    """Load generators open many connections."""
    make_product(shop.api)
    request = b"GET /products/the_odyssey HTTP/1.1\r\nHost: shop\r\n\r\n"
    with many_open_files(), ExitStack() as clients:
        connections = [clients.enter_context(socket.create_connection(("127.0.0.1", shop.port))) for _ in range(2512)]
        for connection in connections:
            connection.settimeout(30)
            connection.sendall(request)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")
        for _ in range(3):
            for connection in connections[:512]:
                connection.sendall(request)
            for connection in connections[:512]:
                assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_requests_per_second(shop):
    make_product(shop.api)
    shop.up_and_reloaded(CLIENT_REQUESTS_PER_SECOND="5")
    api = from_address(shop, "127.0.0.2")
    began = time.monotonic()
    outcomes = [api("DELETE /products/none" if number % 2 else "GET /orders").outcome for number in range(40)]
    served = [outcome for outcome in outcomes if outcome != "429 TOO_MANY_REQUESTS"]
    assert 5 <= len(served) <= 6 + 5 * (time.monotonic() - began)
    assert set(served) <= {"200", "404 PRODUCT_NOT_FOUND"} and len(served) < len(outcomes)
    assert from_address(shop, "127.0.0.3")("GET /orders").status == 200
    wait_for(lambda: api("GET /orders").status == 200, "the next second")


# The head, and what the client then sends again and again.
SLOW_BODIES = {
    "a length": (SLOW, b"x"),
    "a large one": (SLOW.replace(b"1000", b"1000000"), b"x"),
    "chunks": (b"PUT /products/x HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n{\r\n"),
    "half a chunk": (b"PATCH /orders/1 HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n", b"x"),
    "a DELETE": (b"DELETE /products/x HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000\r\n\r\n", b"x"),
    "a GET": (b"GET /products HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000\r\n\r\n", b"x"),
    "a GET of an order": (b"GET /orders/1 HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000\r\n\r\n", b"x"),
    "an unusual list": (b"GET /orders?x=1 HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000\r\n\r\n", b"x"),
    "HTTP/1.0": (b"POST /products HTTP/1.0\r\nContent-Length: 1000\r\n\r\n", b"x"),
}


def test_a_slow_body_has_a_deadline(limited):
    """It is closed although bytes keep coming. The client gets no answer, and nothing changes."""
    before, logged_before = limited.fingerprint(), len(logged(limited, 408))
    with ExitStack() as closing:
        clients = {}
        for name, (head, _) in SLOW_BODIES.items():
            client = closing.enter_context(socket.create_connection(("127.0.0.1", limited.port)))
            client.sendall(head)
            clients[client] = name
        began = time.monotonic()
        ended = {}
        while clients:
            readable, _, _ = select.select(clients, [], [], 0.3)
            for client in readable:
                ended[clients.pop(client)] = (received(client), time.monotonic() - began)
            for client, name in clients.items():
                with suppress(ConnectionError):  # nginx has just closed it; the next select shows that.
                    client.sendall(SLOW_BODIES[name][1])
            assert time.monotonic() - began < 3 * BODY_SECONDS, clients.values()
    assert set(ended) == set(SLOW_BODIES)
    for name, (answer, seconds) in ended.items():
        assert answer == b"" and BODY_SECONDS - 0.5 < seconds, (name, answer, seconds)
    assert limited.fingerprint() == before
    wait_for(lambda: len(logged(limited, 408)) == logged_before + len(SLOW_BODIES), "the log says it")


def received(client):
    try:
        return client.recv(65536)
    except ConnectionResetError:
        return b""


def logged(shop, status):
    """The lines of the access log with this status."""
    return [line for line in shop.log("nginx-access").splitlines() if f'"status":{status},' in line]


def test_nginx_does_not_wait_for_a_body_that_it_does_not_need(limited):
    """A 404 needs no worker, and the health of all no body."""
    for target, status in [("/nowhere", 404), ("/health", 200)]:
        with socket.create_connection(("127.0.0.1", limited.port), timeout=BODY_SECONDS / 2) as client:
            client.sendall(f"GET {target} HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000\r\n\r\n{{".encode())
            assert client.recv(65536).startswith(f"HTTP/1.1 {status} ".encode())


def in_parts(shop, *parts):
    """The answer to a request that is sent in several parts, with a pause after each."""
    with socket.create_connection(("127.0.0.1", shop.port), timeout=30) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts[:-1]:
            client.sendall(part)
            assert not select.select([client], [], [], 0.3)[0], "an answer before the end"
        client.sendall(parts[-1])
        return client.recv(65536)


PRODUCT = json.dumps(a_product("slow")).encode()
LARGE = PRODUCT + b" " * ((1 << 20) - len(PRODUCT))
HEAD = b"POST /products HTTP/1.1\r\nHost: shop\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("body", [PRODUCT, LARGE[:100_000], LARGE], ids=["small", "through a file", "1 MiB"])
def test_a_body_that_comes_in_time_is_accepted(limited, body):
    head = HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
    chunk = b"%x\r\n" % len(body)
    for parts in [(head, body[:50], body[50:]), (CHUNKED + chunk, body[:50], body[50:] + b"\r\n0\r\n", b"\r\n")]:
        limited.redis.delete("products:slow")
        assert in_parts(limited, *parts).startswith(b"HTTP/1.1 200 "), parts[0]
        assert limited.redis.hget("products:slow", "title") == "The Odyssey"


def test_more_requests_on_the_same_connection(limited):
    """Nothing of one request's body is read as part of the next."""
    head = HEAD + b"Content-Length: %d\r\n\r\n" % len(PRODUCT)
    with socket.create_connection(("127.0.0.1", limited.port), timeout=30) as client:
        for _ in range(3):
            client.sendall(head + PRODUCT[:30])
            assert not select.select([client], [], [], 0.2)[0]
            client.sendall(PRODUCT[30:])
            assert client.recv(65536).startswith(b"HTTP/1.1 200 ")
        client.sendall((head + PRODUCT) * 2 + b"GET /orders HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\n\r\n{}" * 2)
        received = b""
        while received.count(b"HTTP/1.1 200 ") < 4:
            received += client.recv(65536)


@pytest.mark.logs("client intended to send too large chunked body")
def test_chunks_that_grow_too_large_late(limited):
    answer = in_parts(limited, CHUNKED + b"100000\r\n" + LARGE[:50], LARGE[50:] + b"\r\n1\r\n \r\n0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ") and b"PAYLOAD_TOO_LARGE" in answer


def test_expect_100_continue(limited):
    """curl sends it before a large body."""
    with socket.create_connection(("127.0.0.1", limited.port), timeout=30) as client:
        client.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(PRODUCT))
        assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(PRODUCT)
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")


BAD = [("CONNECTIONS", "255"), ("CONNECTIONS", "many"), ("CLIENT_CONNECTIONS", "0"), ("CLIENT_BODY_SECONDS", "0.5")]
BAD += [("CLIENT_REQUESTS_PER_SECOND", "0"), ("CLIENT_REQUESTS_PER_SECOND", "on")]


@pytest.mark.parametrize("name, value", BAD)
def test_wrong_settings_are_refused(shop, name, value):
    before = shop.pids()
    assert shop.run("up", **{name: value}).complaint.startswith(f"airship-shop: {name} must be ")
    assert shop.pids() == before
