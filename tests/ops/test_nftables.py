"""ops/nftables/airship-shop.nft: the limits for each address, in front of nginx. The test has its own network."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shop.stack import ROOT

RULES = ROOT / "ops/nftables/airship-shop.nft"
CONNECTIONS = 30  # Instead of 4096, so that the tests are fast.


def limited(tmp_path, text):
    """Writes the rules to a file, with smaller numbers."""
    path = tmp_path / "rules.nft"
    text, count = re.subn(r"count over 4096", f"count over {CONNECTIONS}", text)
    assert count == 2
    text, count = re.subn(r"burst 4096", f"burst {2 * CONNECTIONS}", text)
    assert count == 2
    path.write_text(text)
    return path


def connections(rules, clients):
    """The number of connections of each client, in a network namespace where an ordinary user is root, too."""
    unshare = ["unshare", "--net"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])
    command = [*unshare, sys.executable, Path(__file__).with_name("nftables_clients.py"), rules]
    done = subprocess.run(command, input=json.dumps(clients), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_limit_of_connections_of_an_address(tmp_path):
    """It counts idle connections, too. Each address has its own limit, and the machine itself has none."""
    found = connections(
        limited(tmp_path, RULES.read_text()),
        [
            ("one", "10.99.0.2", "10.99.0.1", 2 * CONNECTIONS),
            ("another", "10.99.0.3", "10.99.0.1", CONNECTIONS - 1),
            ("one of IPv6", "fd99:0:1::2", "fd99:0::1", 2 * CONNECTIONS),
            ("its neighbour", "fd99:0:1::3", "fd99:0::1", 1),
            ("another network", "fd99:0:2::2", "fd99:0::1", CONNECTIONS - 1),
            ("the machine", "127.0.0.1", "127.0.0.1", 2 * CONNECTIONS),
        ],
    )
    assert found == {
        "one": CONNECTIONS,
        "another": CONNECTIONS - 1,
        "one of IPv6": CONNECTIONS,
        "its neighbour": 0,  # The same network of 64 bits.
        "another network": CONNECTIONS - 1,
        "the machine": 2 * CONNECTIONS,
    }


@pytest.mark.parametrize("source, server", [("10.99.0.2", "10.99.0.1"), ("fd99:0:1::2", "fd99:0::1")])
def test_the_limit_of_new_connections_a_second(tmp_path, source, server):
    rules = limited(tmp_path, RULES.read_text())
    text, count = re.subn(
        "rate over 1000/second", "rate over 1/minute", rules.read_text().replace("count over 30", "count over 900")
    )
    assert count == 2
    rules.write_text(text)
    found = connections(rules, [("one", source, server, 3 * CONNECTIONS)])
    assert 2 * CONNECTIONS <= found["one"] <= 2 * CONNECTIONS + 2


def test_without_the_rules_there_is_no_limit(tmp_path):
    rules = tmp_path / "rules.nft"
    rules.write_text("")
    assert connections(rules, [("one", "10.99.0.2", "10.99.0.1", 3 * CONNECTIONS)]) == {"one": 3 * CONNECTIONS}


def test_the_rules_as_they_are_can_be_loaded(tmp_path):
    assert connections(RULES, [("one", "10.99.0.2", "10.99.0.1", 100)]) == {"one": 100}
