"""Fixtures for the suites' conftests."""

import pytest

from shop.stack import started_stack

# For tests that are not about stores that are slow. A store writes to a disk that the machine's other work may keep busy
# for longer than workers usually wait, for an answer as for a lock.
PATIENCE = {
    "REDIS_TIMEOUT_MS": "10000",
    "POSTGRES_TIMEOUT_MS": "10000",
    "LOCK_TIMEOUT_MS": "9000",
    "RECONCILER_AGE_LIMIT_MS": "31000",
}


def shared_stack(**settings):
    """Makes a fixture: one stack, which all tests of the suite share."""

    @pytest.fixture(scope="session")
    def stack():
        with started_stack(**settings) as stack:
            yield stack

    return stack
