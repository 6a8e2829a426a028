"""nginx listens on 127.0.0.1 and ::1, because `localhost` is the one for some clients and the other for others."""

import socket

import pytest

from shop.client import Client
from shop.samples import an_order, make_product
from shop.stack import run


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_both_addresses_serve(shop, host):
    api = Client(shop.port, host=host)
    make_product(api)
    assert api("POST /orders", an_order()).status == 200
    assert api("GET /orders").status == api("GET /health").status == 200
    assert api.raw(b"nonsense\r\n\r\n").outcome == "400 BAD_REQUEST"


@pytest.mark.parametrize("family", ["--ipv4", "--ipv6"])
def test_curl_finds_localhost(shop, family):
    status, output = run("curl", "--silent", "--fail", "--noproxy", "*", family, f"http://localhost:{shop.port}/health")
    assert status == 0, output


def test_without_ipv6(new_stack, checkout):
    """On a machine whose loopback interface has no ::1 the shop comes up on 127.0.0.1."""
    without_ipv6(checkout)
    stack = new_stack()
    assert stack.up(checkout) == [f"the shop is up: http://localhost:{stack.port}"]
    assert stack.api("GET /health").status == 200
    with socket.socket(socket.AF_INET6) as client:
        assert client.connect_ex(("::1", stack.port)) != 0
    stack.up()
    assert Client(stack.port, host="::1")("GET /health").status == 200


def without_ipv6(checkout):
    path = checkout.folder / "ops/lib/nginx.sh"
    text = path.read_text()
    assert "/proc/net/if_inet6" in text
    path.write_text(text.replace("/proc/net/if_inet6", "/dev/null"))
