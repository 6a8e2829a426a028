"""The shop as pages in a browser find it, and chromium."""

import pytest

from browser import served_pages, started_browser
from shop.fixtures import shared_stack

stack = shared_stack(PRODUCTS_WORKERS="2", ORDERS_WORKERS="2")


@pytest.fixture(scope="session")
def page_port():
    with served_pages() as port:
        yield port


@pytest.fixture(scope="session")
def browser():
    """To it evil.example is a name of this machine: whose page that is, only the name tells."""
    with started_browser("--host-resolver-rules=MAP evil.example 127.0.0.1") as driver:
        yield driver
