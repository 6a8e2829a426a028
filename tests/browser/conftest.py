"""A shop, chromium, and pages for it."""

import pytest

from browser import served_pages, started_browser
from shop.fixtures import PATIENCE, shared_stack

stack = shared_stack(PRODUCTS_WORKERS="2", ORDERS_WORKERS="2", **PATIENCE)


@pytest.fixture(scope="session")
def page_port():
    with served_pages() as port:
        yield port


@pytest.fixture(scope="session")
def browser():
    """For it evil.example is a name of this machine. Only that name makes a page foreign."""
    with started_browser("--host-resolver-rules=MAP evil.example 127.0.0.1") as driver:
        yield driver
