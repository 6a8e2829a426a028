"""Crashes, races and outages: what the stores hold afterwards."""

import pytest

from books import Books
from shop.fixtures import PATIENCE, shared_stack

SETTINGS = {
    "BUILD": "asan",  # The only build with fault points (workers/common/fault_point.h).
    "LOG_LEVEL": "warning",
    "PRODUCTS_WORKERS": "2",
    "ORDERS_WORKERS": "6",
    "RECONCILER_INTERVAL_MS": "50",
}

stack = shared_stack(**SETTINGS, **PATIENCE)
# For stores that are frozen: nobody waits for one longer than usual. The age limit is the least that the timeouts allow.
usual_stack = shared_stack(**SETTINGS, RECONCILER_AGE_LIMIT_MS="6000")


@pytest.fixture
def books(shop):
    return Books(shop)
