"""API_KEYS and the audit trail on an edge: the same as in development, from its file of settings."""

import json

from shop.api_keys import SCOPES, command, key_ids, new_key
from shop.edge import NAME
from shop.samples import a_product
from shop.stack import run, wait_for


def test_keys_on_an_edge(edge, tmp_path):
    file = tmp_path / "api-keys"
    key = new_key(file, "partner", *SCOPES)
    edge.start("--unprivileged", API_KEYS=file)
    assert edge.client()("GET /products").outcome == "401 UNAUTHORIZED"
    assert edge.client()("GET /health").status == 200
    assert edge.client(key=key)("POST /products", a_product()).status == 200
    lines = wait_for(lambda: edge.log("audit").splitlines(), "a line")
    line = json.loads(*lines)
    assert (line["client"], line["key"], line["id"]) == ("partner", *key_ids(file, "partner"), "the_odyssey")


def test_a_broken_file_on_an_edge(edge, tmp_path):
    """The reload fails, and the keys go on."""
    file = tmp_path / "api-keys"
    key = new_key(file, "partner", *SCOPES)
    edge.start("--unprivileged", API_KEYS=file)
    file.chmod(0o644)
    assert "chmod 600" in edge.reload(API_KEYS=file).complaint
    assert edge.client(key=key)("GET /products").status == 200
    file.chmod(0o600)
    assert command("revoke", file, *key_ids(file, "partner")).returncode == 0
    assert edge.reload(API_KEYS=file) == (0, [])
    assert edge.client(key=key)("GET /products").outcome == "401 UNAUTHORIZED"


def test_keys_over_http_2(edge, tmp_path):
    file = tmp_path / "api-keys"
    key = new_key(file, "partner", "orders:read")
    edge.start("--unprivileged", API_KEYS=file)
    for header, status in [(f"Authorization: Bearer {key}", "200"), (f"X-API-Key: {key}", "200"), ("A: b", "401")]:
        where = ["--connect-to", f"{NAME}:443:127.0.0.1:{edge.port}", "--cacert", edge.settings["TLS_CERTIFICATE"]]
        show = ["--silent", "--output", "/dev/null", "--write-out", "%{http_version} %{http_code}", "-H", header]
        assert run("curl", "--http2", *where, *show, f"https://{NAME}/orders") == (0, f"2 {status}")
