"""API_KEYS: a wrong file is refused, in one line, and the keys that nginx has stay. Keys come and go without a gap."""

import os
import time

import pytest

from shop.api_keys import SCOPES, command, key_ids, new_key
from shop.client import Client
from shop.samples import a_product
from shop.stack import wait_for


@pytest.fixture
def file(tmp_path):
    return tmp_path / "api-keys"


def outcome(shop, key, request="GET /products", body=None, source=""):
    return Client(shop.port, key=key, source=source)(request, body).outcome


def others_can(file):
    file.chmod(0o644)


def group_can(file):
    file.chmod(0o660)


def of_somebody(file):
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    os.chown(file, 65534, -1)


def a_key(file):
    file.write_text(file.read_text() + "airship_" + 43 * "s" + "\n")


def another_scope(file):
    file.write_text(file.read_text().replace("products:read", "products:all"))


def half_a_digest(file):
    file.write_text(file.read_text()[:60] + "\n")


def syntax(file):
    file.write_text('a";b orders:read ' + 64 * "0" + " 2026-01-01\n")


def twice(file):
    file.write_text(2 * file.read_text())


def bytes_of_anything(file):
    file.write_bytes(bytes(range(256)))


def missing(file):
    file.unlink()


def a_folder(file):
    file.unlink()
    file.mkdir()


FAULTS = {
    others_can: "chmod 600",
    group_can: "chmod 600",
    of_somebody: "belongs to user",
    a_key: "line 2 of",
    another_scope: "line 1 of",
    half_a_digest: "line 1 of",
    syntax: "line 1 of",
    twice: "twice",
    bytes_of_anything: "line 1 of",
    missing: "cannot read",
    a_folder: "cannot read",
}


def test_a_wrong_file(shop, file):
    """Nothing starts or changes, the complaint shows nothing of the file, and the keys that were there go on."""
    key = new_key(file, "a", *SCOPES)
    good = file.read_bytes()
    shop.up_and_reloaded(API_KEYS=str(file))
    before = shop.pids()
    for spoil, complaint in FAULTS.items():
        spoil(file)
        said = shop.run("up", API_KEYS=str(file)).complaint
        assert said.startswith("airship-shop: API_KEYS: ") and complaint in said and str(file) in said, said
        assert "airship_s" not in said and len(said) < 200
        assert shop.pids() == before
        assert outcome(shop, key) == "200" and outcome(shop, None) == "401 UNAUTHORIZED", spoil
        if file.is_dir():
            file.rmdir()
        file.unlink(missing_ok=True)
        file.write_bytes(good)
        file.chmod(0o600)


def test_a_wrong_file_starts_nothing(new_stack, file):
    new_key(file, "a", *SCOPES)
    others_can(file)
    stack = new_stack()
    assert "chmod 600" in stack.run("up", API_KEYS=str(file)).complaint
    stack.assert_nothing_runs()


def test_a_client_changes_its_key_without_a_gap(shop, file):
    old = new_key(file, "a", *SCOPES)
    shop.up_and_reloaded(API_KEYS=str(file))
    new = new_key(file, "a", *SCOPES)
    assert outcome(shop, new) == "401 UNAUTHORIZED"
    shop.up_and_reloaded(API_KEYS=str(file))
    assert outcome(shop, old) == outcome(shop, new) == "200"
    assert command("revoke", file, key_ids(file, "a")[0]).returncode == 0
    shop.up_and_reloaded(API_KEYS=str(file))
    assert outcome(shop, old) == "401 UNAUTHORIZED" and outcome(shop, new) == "200"


def test_the_last_key_can_be_revoked(shop, file):
    """Then nobody may do anything, which is not the same as no keys."""
    key = new_key(file, "a", *SCOPES)
    assert command("revoke", file, *key_ids(file, "a")).returncode == 0
    shop.up_and_reloaded(API_KEYS=str(file))
    assert outcome(shop, key) == "401 UNAUTHORIZED"
    shop.up_and_reloaded()
    assert outcome(shop, None) == "200"


def test_thousands_of_keys(shop, file):
    """nginx' tables have room for them."""
    lines = [f"client-{number:057} products:read {os.urandom(32).hex()} 2026-01-01\n" for number in range(5000)]
    file.write_text("".join(lines))
    file.chmod(0o600)
    key = new_key(file, "last", "products:read")
    shop.up_and_reloaded(API_KEYS=str(file))
    assert outcome(shop, key) == "200"
    assert "could not build" not in shop.log("nginx-error")


def test_requests_per_second_of_one_client(shop, file):
    """Its keys and addresses count together; another client's do not."""
    keys = [new_key(file, "a", *SCOPES) for _ in range(2)]
    other = new_key(file, "b", *SCOPES)
    shop.up_and_reloaded(API_KEYS=str(file), API_KEY_REQUESTS_PER_SECOND="5")
    began, seen = time.monotonic(), []
    for number in range(40):
        source = f"127.0.0.{2 + number % 3}"
        seen.append(outcome(shop, keys[number % 2], "PATCH /products/none", {}, source))
    served = [one for one in seen if one != "429 TOO_MANY_REQUESTS"]
    assert 5 <= len(served) <= 6 + 5 * (time.monotonic() - began) and len(served) < len(seen)
    assert set(served) == {"404 PRODUCT_NOT_FOUND"}
    assert outcome(shop, other) == "200"
    for _ in range(20):
        assert outcome(shop, None) == "401 UNAUTHORIZED"  # Nobody's requests count against anybody.
        assert outcome(shop, None, "GET /health") == "200"
    wait_for(lambda: outcome(shop, keys[0], "POST /products", a_product()) == "200", "the next second")
