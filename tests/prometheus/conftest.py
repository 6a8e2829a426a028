"""The alerts and the dashboard, on a stack that Prometheus watches."""

import pytest

from shop.fixtures import shared_stack
from watch import watched_stack

stack = shared_stack(LOG_LEVEL="warning", PRODUCTS_WORKERS="2", ORDERS_WORKERS="2")


@pytest.fixture(scope="session")
def watch(stack):
    with watched_stack(stack) as watch:
        yield watch
