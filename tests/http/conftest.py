"""The shop under test.

BASE_URL (http://127.0.0.1:<port>) and RUN_DIR name a running stack that the tests use and wipe. Without them the tests
start a stack and remove it at the end.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from shop.api_keys import SCOPES, new_key
from shop.client import Client
from shop.fixtures import PATIENCE, shared_stack
from shop.samples import make_product
from shop.stack import Stack, started_stack


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """What all tests have seen is looked at after the last one, if none was left out."""
    last = [item for item in items if item.name == "test_every_described_answer_was_seen"]
    items[:] = [item for item in items if item not in last]
    files = set(Path(__file__).parent.glob("test_*.py")) - {item.path for item in items}
    if files or config.option.keyword or config.option.markexpr or "BASE_URL" in os.environ:
        config.hook.pytest_deselected(items=last)
    else:
        items += last


@pytest.fixture(scope="session")
def stack():
    if "BASE_URL" in os.environ:
        stack = Stack(urlsplit(os.environ["BASE_URL"]).port, os.environ["RUN_DIR"])
        yield stack
        stack.close()
    else:
        with started_stack(**PATIENCE) as stack:
            yield stack


# A stack with other settings, and the usual patience. The tests that stop stores or workers use it, too.
second_stack = shared_stack(
    STOCK_POLICY="reject",
    PRODUCT_IMAGE_ROOT="https://cdn.example.com/airships",
    SHOP_ORIGINS="https://shop.example.com http://app.example.com:* app+x://[fe80::1]:9",
)


@pytest.fixture(scope="session")
def api_keys(tmp_path_factory):
    """The file with the keys of `keyed_stack`. Tests may add some."""
    return tmp_path_factory.mktemp("keys") / "api-keys"


@pytest.fixture(scope="session")
def keyed_stack(api_keys):
    """A stack that asks for API keys."""
    key = new_key(api_keys, "tester", *SCOPES)
    with started_stack(API_KEYS=str(api_keys), **PATIENCE) as stack:
        stack.key = key
        yield stack


def fresh_api(stack, request):
    stack.wipe()
    workers = stack.all_worker_pids()
    yield Client(stack.port, stack.fingerprint, key=stack.key)
    if request.node.get_closest_marker("ends_workers") is None:
        assert stack.all_worker_pids() == workers, "a worker died"


@pytest.fixture
def api(stack, request):
    """A client of the shop, with empty stores."""
    yield from fresh_api(stack, request)


@pytest.fixture
def second_api(second_stack, request):
    yield from fresh_api(second_stack, request)


@pytest.fixture
def keyed_api(keyed_stack, request):
    """A client that may do everything."""
    yield from fresh_api(keyed_stack, request)


@pytest.fixture
def redis(stack):
    return stack.redis


@pytest.fixture
def odyssey(api):
    """The product that most tests need, as the shop must show it."""
    return make_product(api)
