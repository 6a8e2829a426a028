"""The settings of an edge: a wrong one is one line of output, and an edge that runs goes on as it was."""

import os
import shutil
import socket

import pytest

from shop.dev_stack import IS_ROOT, content
from shop.edge import NAME, certificate
from shop.stack import ROOT, run, wait_for

PORT = "127.0.0.1:9001"

BROKEN = {
    "HTTP_PORT": ["0", "65536", "http", "080", "80 81"],
    "HTTPS_PORT": ["-1", "443;"],
    "HSTS_SECONDS": ["-1", "1 year", "0.5", "3153600000"],
    "TLS_CERTIFICATE": [None, "certificate.pem", "/nowhere/certificate.pem", "/etc"],
    "TLS_KEY": [None, "/nowhere/key.pem"],
    "SERVER_NAMES": ["Shop.example.com", "https://shop.example.com", "shop.example.com;", "*.example.com", "a,b", "~^"],
    "TRUSTED_PROXIES": [
        "all",
        "10.0.0.0/33",
        "10.0.0.256",
        "0.0.0.0/0",
        "::/0",
        "2001:db8::/129",
        "balancer",
        "10.0.0.1,",
    ],
    "PRODUCTS_POOL": ["/run/products.sock", "unix:products.sock", "app1", "app1:0", f"{PORT} {PORT}", "unix:/a;b"],
    "ORDERS_POOL": ["http://app1:9002", "[::1]", "nowhere.invalid:9002"],
    "SHOP_ORIGINS": ["*", "https://shop.example.com/", "localhost"],
    "EDGE_CACHE": ["yes"],
    "CONNECTIONS": ["1"],
    "CLIENT_REQUESTS_PER_SECOND": ["0"],
    "API_KEYS": ["on", "api-keys", "/nowhere/api-keys", "/etc", "/etc/passwd"],
    "API_KEY_REQUESTS_PER_SECOND": ["0"],
}
CASES = [(name, value) for name, values in BROKEN.items() for value in values]


@pytest.mark.parametrize("name, value", CASES, ids=[f"{name}={value}" for name, value in CASES])
def test_a_broken_setting_is_refused(idle_edge, name, value):
    complaint = idle_edge.render("--check", **{name: value}).complaint
    assert complaint.startswith("airship-shop-edge: "), complaint
    assert name in complaint or value == "nowhere.invalid:9002" and value.partition(":")[0] in complaint, complaint
    assert not idle_edge.prefix.exists()


def test_each_setting_of_an_edge_has_such_a_case():
    _, table = run("awk", "-f", ROOT / "ops/settings.awk", ROOT / "ops/settings.md")
    settings = {name for name, _, _, parts, _ in (line.split("|") for line in table.splitlines()) if parts == "edge"}
    assert settings and settings <= set(BROKEN)


LINES = {
    "HTTP_PROT=80": "no setting HTTP_PROT",
    "PORT=80": "no setting PORT",  # Of the development stack.
    "HTTP_PORT 80": "line 2 is not NAME=value",
    "export HTTP_PORT=80": "line 2 is not NAME=value",
    'SERVER_NAMES="shop.example.com': "SERVER_NAMES may have no quotes",
    "SERVER_NAMES=shop.$(id).example": "SERVER_NAMES: ",
    "SERVER_NAMES=a\\nb": "SERVER_NAMES may have no quotes",
}


@pytest.mark.parametrize("line", LINES)
def test_a_broken_line_is_refused(idle_edge, line):
    idle_edge.env.write_text(f"# The edge.\n{line}\n")
    assert LINES[line] in idle_edge.render_as_it_is("--check").complaint


def test_how_lines_may_be_written(idle_edge):
    """As in an EnvironmentFile of systemd. The last line need not end."""
    idle_edge.env.write_text(
        "# The edge.\n\n; It is plain.\n  # So.\nHTTP_PORT='18080'\nSERVER_NAMES=\"a.example b.example\"\nHSTS_SECONDS="
    )
    assert idle_edge.render_as_it_is("--check") == (0, [])


def test_a_missing_file(idle_edge):
    assert "cannot read" in idle_edge.render_as_it_is("--check").complaint


def test_the_environment_has_no_say(edge):
    edge.start("--unprivileged")
    assert "limit_conn clients  1024;" in (edge.prefix / "conf/shop_server.conf").read_text()


def test_check_of_another_file(idle_edge):
    other = idle_edge.folder / "other.env"
    idle_edge.render("--check")
    shutil.copy(idle_edge.env, other)
    other.write_text(other.read_text() + "HTTP_PORT=none\n")
    assert "HTTP_PORT must be" in idle_edge.render_as_it_is("--check", other).complaint
    assert "usage" in idle_edge.render_as_it_is(other).complaint
    assert "usage" in idle_edge.render_as_it_is("--chekc").complaint


def test_a_key_of_another_certificate(idle_edge):
    _, key = certificate(idle_edge.folder / "second")
    assert "key values mismatch" in idle_edge.render("--check", TLS_KEY=key).complaint
    assert "cannot load certificate key" in idle_edge.render("--check", TLS_KEY="/etc/hostname").complaint


def test_check_changes_nothing(edge):
    edge.start("--unprivileged")
    before = content(edge.prefix / "conf")
    assert edge.render("--check", HTTP_PORT=1, CONNECTIONS=300) == (0, [])
    assert content(edge.prefix / "conf") == before


def test_a_reload_with_a_broken_setting(edge):
    """nginx goes on, and so does the configuration on disk: a restart of nginx's processes finds what it had."""
    edge.start("--unprivileged")
    before, pids = content(edge.prefix / "conf"), edge.worker_pids()
    for broken in ({"SERVER_NAMES": "*"}, {"TLS_KEY": "/nowhere"}, {"PRODUCTS_POOL": "nowhere.invalid:9001"}):
        assert edge.reload(**broken).complaint
        assert (content(edge.prefix / "conf"), edge.worker_pids()) == (before, pids)
        assert edge.client()("GET /products").status == 200


def test_a_port_that_is_in_use(edge):
    """By another program than the edge itself. --check does not care: it may be for later."""
    edge.start("--unprivileged")
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        complaint = edge.reload(HTTPS_PORT=port).complaint
        assert f"port {port} is in use by " in complaint and f"(pid {os.getpid()})" in complaint, complaint
        assert "HTTPS_PORT=" in complaint
        assert edge.render("--check", HTTPS_PORT=port) == (0, [])
    assert edge.client()("GET /products").status == 200


def test_without_a_certificate(edge):
    """Plain HTTP, for a balancer that ends TLS."""
    edge.start("--unprivileged", TLS_CERTIFICATE=None, TLS_KEY=None)
    api = edge.plain_client()
    assert api("GET /orders").status == 200
    assert "Strict-Transport-Security" not in api("GET /orders").headers
    assert api("GET /orders", headers={"Host": "elsewhere"}).status == 421
    origin = {"Origin": f"https://{NAME}"}
    assert api("DELETE /products/none", headers=origin).outcome == "404 PRODUCT_NOT_FOUND"


@pytest.mark.skipif(not IS_ROOT, reason="only root's nginx changes its user")
@pytest.mark.parametrize("user", [None, "www-data"], ids=["root", "www-data"])
def test_lists_are_cached_whoever_starts_nginx(edge, user):
    """nginx's processes run as www-data, and can write to the cache."""
    edge.start(*(["--unprivileged"] if user else []), user=user)
    owner = (edge.prefix / "cache_orders").stat().st_uid
    wait_for(lambda: {os.stat(f"/proc/{pid}").st_uid for pid in edge.worker_pids()} == {owner}, "they are www-data's")
    assert owner != 0
    api = edge.client()
    assert {api("GET /orders").headers["X-Cache"] for _ in range(20)} == {"MISS", "HIT"}
