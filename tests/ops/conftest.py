"""What operators do to a shop: restart it, back it up, restore it, audit it."""

import pytest

from shop.fixtures import shared_stack

SETTINGS = {
    "LOG_LEVEL": "warning",
    "PRODUCTS_WORKERS": "2",
    "ORDERS_WORKERS": "3",
    "LOCK_TIMEOUT_MS": "1900",  # A restart happens while a worker waits for a lock.
    "RECONCILER_AGE_LIMIT_MS": "6000",  # The least that the timeouts allow.
}


stack = shared_stack(**SETTINGS)


@pytest.fixture
def shop(stack):
    """Up, whatever the test before has done to it, and with empty stores."""
    stack.make("up")
    stack.wipe()
    return stack
