"""docs/client: the client that is generated from docs/openapi.yaml uses the shop, and refuses unknown fields."""

import os
import shutil

import pytest

from shop.stack import ROOT, run

WALK = """the product is there
the order is created once
it shows its product, one less in stock
it is listed
the product is gone
the order is gone
"""


@pytest.fixture(scope="module")
def npm(tmp_path_factory):
    """A function that runs npm in a copy of the client, which has its packages."""
    docs = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "docs/client", docs / "client", ignore=shutil.ignore_patterns("node_modules", "build"))
    shutil.copy(ROOT / "docs/openapi.yaml", docs)
    environment = os.environ | {"PATH": "/usr/bin:/bin"}

    def npm(*words):
        return run("/usr/bin/npm", "--silent", "--prefix", docs / "client", *words, environment=environment)

    npm.client = docs / "client"
    assert npm("ci", "--prefer-offline")[0] == 0
    return npm


def test_it_walks_through_the_shop(npm, api):
    status, said = npm("run", "build")
    assert status == 0, said
    assert npm("run", "smoke", f"http://127.0.0.1:{api.port}") == (0, WALK)


def test_it_knows_the_fields(npm):
    smoke = npm.client / "smoke.ts"
    smoke.write_text(smoke.read_text().replace("passenger_capacity: 101", "capacity: 101"))
    status, said = npm("run", "build")
    assert status != 0 and "'capacity' does not exist in type" in said
