"""What the suites have in common. Each has a fixture `stack` of its own, with settings of its own: a shop of build/$BUILD,
asan unless BUILD is set.
"""

import pytest

from shop.client import Client

pytest_plugins = ["shop.announced_errors", "pytester"]


@pytest.fixture
def shop(stack):
    """The suite's stack, whose stores are empty."""
    stack.wipe()
    return stack


@pytest.fixture
def api(shop):
    """A client of that shop, which checks that nothing changes with a 4xx."""
    return Client(shop.port, shop.fingerprint)
