"""HTTPS on an edge: its versions, HTTP/2, the way from plain HTTP, HSTS, a renewed certificate."""

import json
import shutil
import socket
import ssl
import warnings

import pytest

from shop.client import exchange_raw
from shop.edge import NAME, certificate, running_edge
from shop.samples import a_product, an_order, make_product
from shop.stack import run

HSTS = "Strict-Transport-Security"


@pytest.fixture(scope="module")
def started(shared_stack):
    """An edge that no test changes."""
    with running_edge(shared_stack) as edge:
        yield edge


def handshake(edge, context):
    """Connects, and returns the connection."""
    client = socket.create_connection(("127.0.0.1", edge.port), timeout=30)
    return context.wrap_socket(client, server_hostname=NAME)


def curl(edge, target, *options):
    """HTTP's version and the status, then the body."""
    where = ["--cacert", edge.settings["TLS_CERTIFICATE"], "--resolve", f"{NAME}:{edge.port}:127.0.0.1"]
    url = f"https://{NAME}:{edge.port}{target}"
    form = ["--write-out", "\n%{http_version} %{http_code}"]
    status, output = run("curl", "--silent", "--noproxy", "*", *where, *form, *options, url)
    assert status == 0, output
    body, _, answer = output.rpartition("\n")
    return answer, body


def test_https_serves_the_shop(shared_stack, started):
    api = started.client(shared_stack.fingerprint)
    make_product(api)
    order = api("POST /orders", an_order()).json["id"]
    assert [api("GET /orders?limit=7").headers["X-Cache"] for _ in range(2)][0] == "MISS"
    assert api(f"GET /orders/{order}").json["id"] == order
    assert api(f"DELETE /orders/{order}").status == 204
    assert api("GET /health").status == 200
    assert api("GET /openapi.json").json["openapi"].startswith("3.1")
    for request in ("GET /products/the_odyssey", "HEAD /orders", "GET /nowhere", "TRACE /orders", "POST /orders"):
        assert api(request).headers.get_all(HSTS) == ["max-age=31536000"], request


def test_hsts_can_be_off(edge):
    edge.start("--unprivileged")
    assert edge.reload(HSTS_SECONDS=0) == (0, [])
    assert HSTS not in edge.client()("GET /products").headers


def plain(edge, request_line, *headers):
    """The answer to a request over plain HTTP."""
    head = "\r\n".join([f"{request_line} HTTP/1.1", *headers, "Connection: close", "", ""])
    with socket.create_connection(("127.0.0.1", edge.http_port), timeout=30) as client:
        return exchange_raw(client, head.encode())


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "TRACE", "BREW"])
def test_plain_http_leads_to_https(shared_stack, started, method):
    before = shared_stack.fingerprint()
    answer = plain(
        started, f"{method} /products/x%2Fy?a=%0d%0ab", f"Host: {NAME}:{started.http_port}", "Content-Length: 0"
    )
    assert (answer.status, answer.body) == (308, b""), answer
    assert answer.headers.get_all("Location") == [f"https://{NAME}:{started.port}/products/x%2Fy?a=%0d%0ab"]
    assert answer.headers[HSTS] is None and answer.headers["X-Request-ID"]
    assert shared_stack.fingerprint() == before


def test_the_way_to_https_takes_the_body_along(started):
    """curl repeats a POST with its body where it is told by 308."""
    where = ["--cacert", started.settings["TLS_CERTIFICATE"], "--location", "--data", json.dumps(a_product("sent_on"))]
    for port in (started.port, started.http_port):
        where += ["--resolve", f"{NAME}:{port}:127.0.0.1"]
    status, output = run("curl", "--silent", "--noproxy", "*", *where, f"http://{NAME}:{started.http_port}/products")
    assert (status, json.loads(output)) == (0, {"id": "sent_on"})


def test_plain_http_without_a_host_leads_nowhere(edge):
    edge.start("--unprivileged")
    with socket.create_connection(("127.0.0.1", edge.http_port), timeout=30) as client:
        answer = exchange_raw(client, b"GET /products HTTP/1.0\r\n\r\n")
    assert answer.outcome == "421 MISDIRECTED_REQUEST"
    edge.reload(SERVER_NAMES=None)
    with socket.create_connection(("127.0.0.1", edge.http_port), timeout=30) as client:
        answer = exchange_raw(client, b"GET /products HTTP/1.0\r\n\r\n")
    assert answer.outcome == "400 BAD_REQUEST"


def test_plain_http_on_the_port_for_https(started):
    for host in (NAME, "elsewhere"):
        with socket.create_connection(("127.0.0.1", started.port), timeout=30) as client:
            answer = exchange_raw(
                client, f"GET /products HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
            )
        assert answer.outcome == "400 BAD_REQUEST", host


@pytest.mark.logs("client intended to send too large body")
def test_http_2(started):
    """With a body whose length is told, one whose length is not, one that goes through a file, and without one."""
    product = json.dumps(a_product("second"))
    assert curl(started, "/products", "--data", product) == ("2 200", '{"id":"second"}')
    assert curl(started, "/products", "--data", "{")[0] == "2 400"
    large = started.folder / "large.json"
    large.write_text(product + " " * 500_000)
    assert curl(started, "/products", "--data-binary", f"@{large}")[0] == "2 200"
    streamed = ["--request", "POST", "--header", "Content-Length:", "--data-binary", f"@{large}"]
    assert curl(started, "/products", *streamed)[0] == "2 200"
    assert json.loads(curl(started, "/products/second")[1])["id"] == "second"
    assert curl(started, "/orders")[0] == curl(started, "/health")[0] == "2 200"
    assert curl(started, "/orders", "--request", "DELETE")[0] == "2 405"
    large.write_text(product + " " * (1 << 20))
    assert curl(started, "/products", "--data-binary", f"@{large}")[0] == "2 413"


def test_http_1_too(started):
    assert curl(started, "/products", "--http1.1")[0] == "1.1 200"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions_of_tls(started, version):
    context = started.tls()
    context.minimum_version = context.maximum_version = version
    with handshake(started, context) as client:
        assert client.version() == version.name.replace("_", ".")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.may_log("SSL_do_handshake")
def test_older_versions_are_refused(started, version):
    """It is the edge that refuses: this client would speak them."""
    context = started.tls()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):
        context.minimum_version = context.maximum_version = version
    with pytest.raises(ssl.SSLError, match="ALERT_PROTOCOL_VERSION"):
        handshake(started, context)


@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"])
def test_weak_ciphers_are_refused(started, cipher):
    """Those without authenticated encryption (CBC)."""
    context = started.tls()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(cipher)
    with pytest.raises(ssl.SSLError, match="ALERT_HANDSHAKE_FAILURE"):
        handshake(started, context)


def test_sessions_are_resumed_without_tickets(started):
    context = started.tls()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with handshake(started, context) as first:
        session = first.session
    assert session.id and not session.has_ticket
    with socket.create_connection(("127.0.0.1", started.port), timeout=30) as client:
        with context.wrap_socket(client, server_hostname=NAME, session=session) as second:
            assert second.session_reused


def served(edge):
    """The certificate that the edge shows."""
    return ssl.get_server_certificate(("127.0.0.1", edge.port)).split()


def test_a_renewed_certificate(edge):
    """It is in the same place as the old one, and comes into use with a reload."""
    edge.start("--unprivileged")
    first = served(edge)
    paths = certificate(edge.folder / "second")
    for old, new in zip((edge.settings["TLS_CERTIFICATE"], edge.settings["TLS_KEY"]), paths):
        shutil.copy(new, old)
    assert served(edge) == first
    assert edge.reload() == (0, [])
    assert served(edge) == paths[0].read_text().split() != first
    assert edge.client()("GET /products").status == 200


def test_only_nginx_can_read_the_copy_of_the_key(started):
    key = started.prefix / "conf/tls/key.pem"
    assert key.stat().st_mode & 0o777 in (0o640, 0o600), oct(key.stat().st_mode)
