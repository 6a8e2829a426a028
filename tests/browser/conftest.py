"""The shop as pages in a browser find it, and chromium."""

import pytest

from browser import served_pages, started_browser
from shop.stack import started_stack


@pytest.fixture(scope="session")
def stack():
    with started_stack(PRODUCTS_WORKERS="2", ORDERS_WORKERS="2") as stack:
        yield stack


@pytest.fixture(scope="session")
def page_port():
    with served_pages() as port:
        yield port


@pytest.fixture(scope="session")
def browser():
    """To it evil.example is a name of this machine: whose page that is, only the name tells."""
    with started_browser("--host-resolver-rules=MAP evil.example 127.0.0.1") as driver:
        yield driver
