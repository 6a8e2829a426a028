"""A test fails if a log has an error that it has not announced, or lacks one that it has announced."""

from pathlib import Path

import pytest

REFUSED = "2026/11/21 10:00:00 [error] 7#7: *1 connect() to unix:/run/orders.sock failed (2: No such file or directory)"
WARNED = "2026/11/21 10:00:00 [warn] 7#7: *1 a client request body is buffered to a temporary file"
OUTAGE = '{"time":"2026-11-21T10:00:00.000Z","level":"error","part":"orders","event":"request_failed","message":"GET /orders 503: postgres: connect"}'
REPAIR = '{"time":"2026-11-21T10:00:00.000Z","level":"warning","part":"reconciler","event":"rounds_resumed","message":"\\"level\\":\\"error\\""}'

# A test with marks that writes lines to a shop's logs.
TEST = """
import pytest
from shop import logs

logs.watch(".")

{marks}
def test_that_logs():
    for name, line in {lines}:
        with open(f"log/{{name}}.log", "a") as log:
            log.write(line + "\\n")
"""


@pytest.fixture
def ends_with_errors(pytester):
    """Runs such a test; returns whether the plugin fails it. The logs have old errors already."""
    pytester.makeini(f"[pytest]\naddopts = --strict-markers\npythonpath = {Path(__file__).parents[1]}")
    pytester.makeconftest('pytest_plugins = ["shop.announced_errors"]')
    pytester.mkdir("log").joinpath("nginx-error.log").write_text(REFUSED + "\n")

    def run(marks, *lines):
        pytester.makepyfile(TEST.format(marks=marks, lines=lines))
        outcomes = pytester.runpytest_subprocess().parseoutcomes()
        assert outcomes["passed"] == 1
        return outcomes.get("errors", 0) == 1

    return run


@pytest.mark.parametrize("name", ["nginx-error", "orders", "lone-orders"])
def test_an_error_must_be_announced(ends_with_errors, name):
    line = REFUSED if name == "nginx-error" else OUTAGE
    assert ends_with_errors("", (name, line))
    assert ends_with_errors("@pytest.mark.logs('GET /orders/1 503')", (name, line))
    assert not ends_with_errors("@pytest.mark.logs(r'connect\\(\\) to unix|GET /orders 503')", (name, line))
    assert not ends_with_errors("@pytest.mark.may_log(r'connect\\(\\) to unix|GET /orders 503')", (name, line))


def test_an_announced_error_does_not_excuse_another(ends_with_errors):
    assert ends_with_errors("@pytest.mark.logs('postgres: ')", ("orders", OUTAGE), ("nginx-error", REFUSED))


def test_an_announced_error_must_come(ends_with_errors):
    assert ends_with_errors("@pytest.mark.logs('postgres: ')")
    assert ends_with_errors("@pytest.mark.logs('postgres: ', 'redis: ')", ("orders", OUTAGE))
    assert not ends_with_errors("@pytest.mark.may_log('postgres: ')")


def test_what_is_no_error(ends_with_errors):
    assert not ends_with_errors("", ("nginx-error", WARNED), ("reconciler", REPAIR), ("nginx-access", OUTAGE))
