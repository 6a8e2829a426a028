"""What the development stack's commands promise, checked on stacks with their own ports and folders.

The workers are those of build/$BUILD, asan unless BUILD is set.
"""

import shutil
from pathlib import Path

import pytest

from shop.dev_stack import Checkout, DevStack, content, temp_folder
from shop.edge import Edge


@pytest.fixture(scope="session")
def shared_stack():
    stack = DevStack(temp_folder())
    yield stack
    stack.remove()


@pytest.fixture
def shop(shared_stack):
    """A stack that is up and has its default settings. Many tests use it, so it may hold data of other tests."""
    shared_stack.ensure_up()
    return shared_stack


@pytest.fixture
def new_stack():
    """Makes stacks that were never started: even their folders do not exist."""
    stacks = []

    def make():
        stacks.append(DevStack(Path(temp_folder()) / "run"))
        return stacks[-1]

    yield make
    for stack in stacks:
        stack.remove()
        shutil.rmtree(stack.run_dir.parent, ignore_errors=True)


@pytest.fixture
def checkout():
    folder = Path(temp_folder())
    yield Checkout(folder)
    shutil.rmtree(folder)


@pytest.fixture
def secrets():
    """A folder with a file, both for root only. Fails if either has changed at the end of the test."""
    folder = Path(temp_folder())
    folder.chmod(0o700)
    (folder / "shadow").write_text("root:*:1\n")
    (folder / "shadow").chmod(0o600)
    before = content(folder)
    yield folder
    after = content(folder)
    shutil.rmtree(folder)
    assert after == before


@pytest.fixture
def edge(shop):
    """An edge in front of the shop's pools, which is not started yet."""
    edge = Edge(shop)
    yield edge
    edge.remove()


@pytest.fixture
def idle_edge(shared_stack):
    """An edge for tests that only check its settings: neither it nor a shop runs."""
    edge = Edge(shared_stack)
    yield edge
    edge.remove()
