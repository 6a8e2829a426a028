"""The shop as pages in a browser find it: a stack of its own, of the sanitizers' build, and chromium."""

import pytest

from browser import served_pages, started_browser
from shop_client import Client
from shop_stack import Stack

pytest_plugins = ["announced_errors"]


@pytest.fixture(scope="session")
def stack():
    stack = Stack.with_own_folder(PRODUCTS_WORKERS="2", ORDERS_WORKERS="2")
    try:
        stack.make("up")
        yield stack
    finally:
        stack.remove()


@pytest.fixture
def api(stack):
    """A client of the shop, whose stores are empty."""
    stack.wipe()
    return Client(stack.port, stack.fingerprint)


@pytest.fixture(scope="session")
def page_port():
    with served_pages() as port:
        yield port


@pytest.fixture(scope="session")
def browser():
    """To it evil.example is a name of this machine: whose page that is, only the name tells."""
    with started_browser("--host-resolver-rules=MAP evil.example 127.0.0.1") as driver:
        yield driver
