"""What the suites' conftests are made of."""

import pytest

from shop.stack import started_stack


def shared_stack(**settings):
    """A fixture: a stack of its own, which all tests share."""

    @pytest.fixture(scope="session")
    def stack():
        with started_stack(**settings) as stack:
            yield stack

    return stack
