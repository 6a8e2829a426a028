"""The names of the shop (SERVER_NAMES), and what follows for the origins of pages."""

import socket

import pytest

from shop.client import exchange_raw
from shop.edge import NAME, running_edge
from shop.samples import a_product

TOO_LARGE = 2 << 20


NAMES = f"{NAME} www.example.com"


@pytest.fixture(scope="module")
def named(shared_stack):
    """An edge that no test changes."""
    with running_edge(shared_stack, SERVER_NAMES=NAMES) as edge:
        yield edge


@pytest.mark.parametrize("host", [NAME, NAME.upper(), f"{NAME}.", f"{NAME}:443", "www.example.com"])
def test_the_shop_answers_to_its_names(named, host):
    assert named.client()("GET /products", headers={"Host": host}).status == 200


OTHERS = ["example.com", "shop.example.com.evil.example", "127.0.0.1", "localhost", "a.shop.example.com"]


@pytest.mark.parametrize("host", OTHERS)
def test_another_name(shared_stack, named, host):
    """On both ports. It is JSON, and nothing changes."""
    fingerprint = shared_stack.fingerprint
    for api in (named.client(fingerprint), named.plain_client(fingerprint=fingerprint)):
        for request in ("GET /products", "POST /products", "GET /health", "GET /error", "TRACE /", "OPTIONS /orders"):
            answer = api(request, a_product() if request.startswith("POST") else None, {"Host": host})
            assert answer.outcome == "421 MISDIRECTED_REQUEST", request
        assert api("HEAD /", headers={"Host": host}).status == 421


@pytest.mark.logs("client intended to send too large body")
def test_another_name_and_a_fault(named):
    """The name counts first; what cannot be read is told as such."""
    api = named.client()
    assert api("POST /products", b" " * TOO_LARGE, {"Host": "elsewhere"}).status == 421
    assert api("GET /" + "x" * 9000, headers={"Host": "elsewhere"}).status == 414
    assert api("GET /", headers={"Host": "else/where"}).status == 400


def test_no_name(named):
    """HTTP/1.0 may leave it out."""
    with socket.create_connection(("127.0.0.1", named.port), timeout=30) as plain, named.tls().wrap_socket(
        plain, server_hostname=NAME
    ) as client:
        assert exchange_raw(client, b"GET /products HTTP/1.0\r\n\r\n").outcome == "421 MISDIRECTED_REQUEST"


def test_any_name(edge):
    edge.start("--unprivileged", SERVER_NAMES=None)
    for host in (NAME, "example.com", "localhost"):
        assert edge.client()("GET /products", headers={"Host": host}).status == 200, host


def outcome(edge, origin):
    return edge.client()("DELETE /products/none", headers={"Origin": origin}).outcome


def test_pages_of_the_shop_itself_may_write(named):
    for name in (NAME, "www.example.com"):
        assert outcome(named, f"https://{name}:{named.port}") == "404 PRODUCT_NOT_FOUND"
    for origin in (f"https://{NAME}", f"http://{NAME}:{named.port}", "http://localhost:3000", "https://evil.example"):
        assert outcome(named, origin) == "403 FORBIDDEN_ORIGIN", origin


def test_other_origins(edge):
    edge.start("--unprivileged", SERVER_NAMES=NAMES)
    assert edge.reload(SHOP_ORIGINS="https://admin.example.com") == (0, [])
    assert outcome(edge, "https://admin.example.com") == "404 PRODUCT_NOT_FOUND"
    assert outcome(edge, f"https://{NAME}:{edge.port}") == "403 FORBIDDEN_ORIGIN"


def test_without_names_no_page_may_write(edge):
    edge.start("--unprivileged", SERVER_NAMES=NAMES)
    assert edge.reload(SERVER_NAMES=None) == (0, [])
    for origin in (f"https://{NAME}:{edge.port}", "http://localhost:3000", ""):
        assert outcome(edge, origin) == "403 FORBIDDEN_ORIGIN", origin
