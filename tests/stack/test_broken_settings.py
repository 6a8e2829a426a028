"""A wrong setting makes one line of output that names it. Nothing starts, and a shop that is up stays as it is."""

import os

import pytest

from shop.dev_stack import PROGRAMS, DevStack, temp_folder
from shop.stack import BUILD, ROOT, run

BROKEN = [
    ("API_KEYS", "nowhere"),
    ("API_KEY_REQUESTS_PER_SECOND", "0"),
    ("PORT", "abc"),
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "08000"),
    ("EDGE_CACHE", "off;"),
    ("SHOP_ORIGINS", " "),
    ("SHOP_ORIGINS", "*"),
    ("SHOP_ORIGINS", "null"),
    ("SHOP_ORIGINS", "localhost:3000"),
    ("SHOP_ORIGINS", "https://shop.example.com/"),
    ("SHOP_ORIGINS", "https://Shop.example.com"),
    ("SHOP_ORIGINS", "https://shop.example.com:443"),
    ("SHOP_ORIGINS", "https://shop.example.com:65536"),
    ("SHOP_ORIGINS", "https://*.example.com"),
    ("SHOP_ORIGINS", "https://a.example, https://b.example"),
    ("SHOP_ORIGINS", 'https://a.example" 1; "~'),
    ("SHOP_ORIGINS", "https://a.example\nhttps://$host"),
    ("STOCK_POLICY", "foo"),
    ("STOCK_POLICY", "reject\nLOG_LEVEL=info"),
    ("LOG_LEVEL", "x"),
    ("LOCK_TIMEOUT_MS", "2001"),  # More than POSTGRES_TIMEOUT_MS.
    ("RECONCILER_INTERVAL_MS", "9"),
    ("POSTGRES_CONNINFO", "host=/nowhere password=s3cret"),
    ("POSTGRES_CONNINFO", "host=/nowhere password=s3 cret"),
    ("REDIS_ADDRESS", "redis://:s3cret@localhost:6379"),
    ("RUN_DIR", "/tmp/shop test"),
    ("RUN_DIR", "/tmp/" + 100 * "x"),
]


def name_and_value(case):
    name, value = case
    return f"{name}={value[-12:]!r}"


@pytest.fixture(scope="module")
def empty_stack():
    stack = DevStack(temp_folder())
    yield stack
    stack.remove()


@pytest.mark.parametrize("name, value", BROKEN, ids=map(name_and_value, BROKEN))
def test_a_broken_setting_starts_nothing(empty_stack, name, value):
    complaint = empty_stack.run("up", **{name: value}).complaint
    assert name in complaint and "cret" not in complaint, complaint
    empty_stack.assert_nothing_runs()


def test_a_broken_setting_leaves_a_shop_alone(shop):
    before = shop.pids()
    for name, value in [("PORT", "abc"), ("EDGE_CACHE", "yes"), ("STOCK_POLICY", "foo"), ("LOG_LEVEL", "x")]:
        assert name in shop.run("up", **{name: value}).complaint
    assert shop.pids() == before
    assert shop.api("GET /health").status == 200


def test_each_part_checks_its_settings():
    """ops/settings.md names the parts of each setting. Settings that may have any value are left out. Those of an edge
    are in a file: test_edge_settings.py."""
    stores = {"PATH": os.environ["PATH"], "REDIS_ADDRESS": "/redis.sock", "POSTGRES_CONNINFO": "dbname=shop"}
    _, table = run("awk", "-f", ROOT / "ops/settings.awk", ROOT / "ops/settings.md")
    for name, _, allowed, parts, _ in (line.split("|") for line in table.splitlines()):
        for part in parts.split(", ") if allowed not in ("", "any text") and parts != "edge" else ():
            program = [ROOT / "build" / BUILD / PROGRAMS[part], "--check-config"] if part in PROGRAMS else []
            command = program or [ROOT / "ops/dev/check-settings.sh"]
            assert run(*command, environment=stores)[0] == 0
            status, complaint = run(*command, environment=stores | {name: "wrong"})
            assert status == 1 and f"{name} must be " in complaint, (part, complaint)
