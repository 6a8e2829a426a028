"""The operator's commands: restart, backup, restore, audit."""

import pytest

from metrics_files import Metrics
from shop.fixtures import shared_stack

SETTINGS = {"LOG_LEVEL": "warning", "PRODUCTS_WORKERS": "2", "ORDERS_WORKERS": "3"}
# As much patience as RECONCILER_AGE_LIMIT_MS allows: after a restore many tests wait that long, until pending movements are
# overdue. A test restarts the workers while one waits for a lock.
PATIENCE = {"REDIS_TIMEOUT_MS": "3000", "POSTGRES_TIMEOUT_MS": "3000", "LOCK_TIMEOUT_MS": "2900"}

stack = shared_stack(**SETTINGS, **PATIENCE)


@pytest.fixture
def shop(stack):
    """A stack that is up, whatever the last test has done to it, with empty stores."""
    stack.ensure_up()
    stack.wipe()
    return stack


@pytest.fixture
def metrics(shop, tmp_path):
    return Metrics(shop, tmp_path)
