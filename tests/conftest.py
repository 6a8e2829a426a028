"""Fixtures for all suites. Each suite has its own fixture `stack` with its own settings: a shop of build/$BUILD, asan
unless BUILD is set.
"""

import pytest

from shop.client import Client

pytest_plugins = ["shop.announced_errors", "pytester"]


@pytest.fixture
def shop(stack):
    """The suite's stack, with empty stores."""
    stack.wipe()
    return stack


@pytest.fixture
def api(shop):
    """A client of that shop. It checks that a 4xx changes nothing."""
    return Client(shop.port, shop.fingerprint)
