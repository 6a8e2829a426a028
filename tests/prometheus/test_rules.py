"""promtool runs the tests of the rules. ops/dev/check-alerts, a step of the lint, sees that each alert has some."""

from pathlib import Path

import pytest

from shop.stack import run

TESTS = sorted(Path(__file__).parent.glob("*.yml"))


@pytest.mark.parametrize("file", TESTS, ids=[path.stem for path in TESTS])
def test_rules(file):
    status, output = run("promtool", "test", "rules", str(file))
    assert status == 0, output
