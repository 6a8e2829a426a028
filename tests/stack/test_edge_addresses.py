"""Who the client is behind a balancer: X-Forwarded-For counts only from TRUSTED_PROXIES."""

import json
from contextlib import ExitStack

import pytest

from shop.edge import NAME, running_edge
from shop.stack import wait_for

BALANCER, SECOND, STRANGER = "127.0.0.2", "127.0.1.7", "127.0.0.3"
CLIENT = "198.51.100.7"


def logged_address(edge, source, forwarded):
    """The client's address in the log, of a request from `source`."""
    headers = {"X-Forwarded-For": forwarded} if forwarded is not None else {}
    request_id = edge.client(source=source)("GET /products", headers=headers).headers["X-Request-ID"]
    (line,) = wait_for(lambda: [line for line in edge.log("access").splitlines() if request_id in line], "the line")
    return json.loads(line)["remote_addr"]


CASES = {
    "trusted": (BALANCER, CLIENT, CLIENT),
    "IPv6": (BALANCER, "2001:db8::7", "2001:db8::7"),
    "what the client sent before": (BALANCER, f"203.0.113.9, {CLIENT}", CLIENT),
    "two balancers": (BALANCER, f"203.0.113.9, {CLIENT}, {SECOND}", CLIENT),
    "a stranger": (STRANGER, CLIENT, STRANGER),
    "a stranger who names a balancer": (STRANGER, BALANCER, STRANGER),
    "no header": (BALANCER, None, BALANCER),
    "nonsense": (BALANCER, "unknown", BALANCER),
}


@pytest.fixture(scope="module")
def balanced(shared_stack):
    """An edge that no test changes."""
    with running_edge(shared_stack, TRUSTED_PROXIES=f"{BALANCER} 127.0.1.0/24 2001:db8:1::/48") as edge:
        yield edge


@pytest.mark.parametrize("source, forwarded, address", CASES.values(), ids=CASES)
def test_the_address_in_the_log(balanced, source, forwarded, address):
    assert logged_address(balanced, source, forwarded) == address


def test_without_the_setting_the_header_counts_for_nothing(edge):
    edge.start("--unprivileged")
    assert logged_address(edge, BALANCER, CLIENT) == BALANCER


def slow_request(edge, forwarded):
    """A request of this client, by the balancer, which is under way until its connection is closed. nginx asks for its
    body after it has counted the request."""
    client = edge.connect(BALANCER)
    head = f"POST /orders HTTP/1.1\r\nHost: {NAME}\r\nX-Forwarded-For: {forwarded}\r\n"
    client.sendall(f"{head}Content-Length: 9\r\nExpect: 100-continue\r\n\r\n".encode())
    assert client.recv(100).startswith(b"HTTP/1.1 100 Continue")
    return client


def test_the_limits_are_those_of_the_client(edge):
    """One client over its limit does not touch another one behind the same balancer."""
    edge.start("--unprivileged", TRUSTED_PROXIES=BALANCER)
    assert edge.reload(TRUSTED_PROXIES=BALANCER, CLIENT_CONNECTIONS=3) == (0, [])
    api = edge.client(source=BALANCER)

    def status(client):
        return api("GET /products", headers={"X-Forwarded-For": client}).status

    with ExitStack() as clients:
        for _ in range(3):
            clients.enter_context(slow_request(edge, CLIENT))
        assert status(CLIENT) == 429
        assert status("198.51.100.8") == 200


def test_the_rate_is_that_of_the_client(edge):
    edge.start("--unprivileged", TRUSTED_PROXIES=BALANCER)
    assert edge.reload(TRUSTED_PROXIES=BALANCER, CLIENT_REQUESTS_PER_SECOND=2) == (0, [])
    api = edge.client(source=BALANCER)
    for number in range(8):
        assert api("GET /products", headers={"X-Forwarded-For": f"198.51.100.{number}"}).status == 200
    statuses = [api("GET /products", headers={"X-Forwarded-For": CLIENT}).status for _ in range(8)]
    assert 429 in statuses
