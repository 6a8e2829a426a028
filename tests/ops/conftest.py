"""The operator's commands: restart, backup, restore, audit."""

import pytest

from metrics_files import Metrics
from shop.fixtures import shared_stack

SETTINGS = {
    "LOG_LEVEL": "warning",
    "PRODUCTS_WORKERS": "2",
    "ORDERS_WORKERS": "3",
    "LOCK_TIMEOUT_MS": "1900",  # A test restarts the workers while one waits for a lock.
    "RECONCILER_AGE_LIMIT_MS": "6000",  # The least that the timeouts allow.
}

stack = shared_stack(**SETTINGS)


@pytest.fixture
def shop(stack):
    """A stack that is up, whatever the last test has done to it, with empty stores."""
    stack.ensure_up()
    stack.wipe()
    return stack


@pytest.fixture
def metrics(shop, tmp_path):
    return Metrics(shop, tmp_path)
