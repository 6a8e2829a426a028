"""A pytest plugin: a test fails if a shop's log has an error that the test has not announced.

    @pytest.mark.logs(r"POST /orders 503: redis: ", r"upstream timed out")

announces errors: each pattern must be found in a line of the log. `may_log` announces errors that chance decides about.
A case (`pytest.param`) or a whole file (`pytestmark`) can be marked, too. A conftest.py takes part with
`pytest_plugins = ["shop.announced_errors"]`.
"""

import re

import pytest

from shop import logs


def pytest_configure(config):
    config.addinivalue_line("markers", "logs(*patterns): errors that the test causes in the shop's logs, all of them")
    config.addinivalue_line("markers", "may_log(*patterns): errors that the test may cause in the shop's logs")


@pytest.fixture(autouse=True)
def announced_errors(request):
    """Reads the logs when the test's other fixtures have ended."""
    yield
    lines = logs.new_errors()
    announced, possible = patterns(request.node, "logs"), patterns(request.node, "may_log")
    unannounced = [line for line in lines if not any(re.search(pattern, line) for pattern in announced + possible)]
    if unannounced:
        pytest.fail(
            "\n".join([f"{len(unannounced)} errors in the log, not announced:", *unannounced[:20]]), pytrace=False
        )
    missing = [pattern for pattern in announced if not any(re.search(pattern, line) for line in lines)]
    if missing:
        pytest.fail("\n".join(["announced, but not in the log:", *missing]), pytrace=False)


def patterns(test, marker):
    return [pattern for mark in test.iter_markers(marker) for pattern in mark.args]
