"""What operators do to a shop: restart it, back it up, restore it, audit it. On a stack of the tests' own.

The workers are those of build/$BUILD, asan unless BUILD is set.
"""

import os

import pytest

from shop_stack import Stack

pytest_plugins = ["announced_errors"]

SETTINGS = {
    "BUILD": os.environ.get("BUILD", "asan"),
    "LOG_LEVEL": "warning",
    "PRODUCTS_WORKERS": "2",
    "ORDERS_WORKERS": "3",
    "LOCK_TIMEOUT_MS": "1900",  # A restart happens while a worker waits for a lock.
    "RECONCILER_AGE_LIMIT_MS": "6000",  # The least that the timeouts allow.
}


@pytest.fixture(scope="session")
def shared_stack():
    stack = Stack.with_own_folder(**SETTINGS)
    try:
        yield stack
    finally:
        stack.remove()


@pytest.fixture
def shop(shared_stack):
    """A shop that is up, with empty stores."""
    shared_stack.make("up")
    shared_stack.wipe()
    return shared_stack
