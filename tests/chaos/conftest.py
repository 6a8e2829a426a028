"""Crashes, races and outages: what the stores hold afterwards."""

import pytest

from books import Books
from shop.fixtures import shared_stack

SETTINGS = {
    "BUILD": "asan",  # The only build with fault points (workers/common/fault_point.h).
    "LOG_LEVEL": "warning",
    "PRODUCTS_WORKERS": "2",
    "ORDERS_WORKERS": "6",
    "RECONCILER_INTERVAL_MS": "50",
    "RECONCILER_AGE_LIMIT_MS": "6000",  # The least that the timeouts allow.
}

stack = shared_stack(**SETTINGS)


@pytest.fixture
def books(shop):
    return Books(shop)
