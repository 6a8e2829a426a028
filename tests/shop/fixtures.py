"""Fixtures for the suites' conftests."""

import pytest

from shop.stack import started_stack


def shared_stack(**settings):
    """Makes a fixture: one stack, which all tests of the suite share."""

    @pytest.fixture(scope="session")
    def stack():
        with started_stack(**settings) as stack:
            yield stack

    return stack
