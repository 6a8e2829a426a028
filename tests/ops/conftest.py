"""The operator's commands: restart, backup, restore, audit."""

import pytest

from metrics_files import Metrics
from shop.fixtures import PATIENCE, shared_stack

stack = shared_stack(LOG_LEVEL="warning", PRODUCTS_WORKERS="2", ORDERS_WORKERS="3", **PATIENCE)


@pytest.fixture
def shop(stack):
    """A stack that is up, whatever the last test has done to it, with empty stores."""
    stack.ensure_up()
    stack.wipe()
    return stack


@pytest.fixture
def metrics(shop, tmp_path):
    return Metrics(shop, tmp_path)
