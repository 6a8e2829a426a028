"""Crashes, races and outages, and what the stores hold afterwards. On a stack of the tests' own.

The workers are those of build/asan: no other build has fault points (workers/common/fault_point.h).
"""

import pytest

from books import Books
from shop_stack import Stack

pytest_plugins = ["announced_errors"]

SETTINGS = {
    "BUILD": "asan",
    "LOG_LEVEL": "warning",
    "PRODUCTS_WORKERS": "2",
    "ORDERS_WORKERS": "6",
    "RECONCILER_INTERVAL_MS": "50",
    "RECONCILER_AGE_LIMIT_MS": "6000",  # The least that the timeouts allow.
}


@pytest.fixture(scope="session")
def shared_stack():
    stack = Stack.with_own_folder(**SETTINGS)
    try:
        stack.make("up")
        yield stack
    finally:
        stack.remove()


@pytest.fixture
def shop(shared_stack):
    """A shop with empty stores."""
    shared_stack.wipe()
    return shared_stack


@pytest.fixture
def books(shop):
    return Books(shop)
