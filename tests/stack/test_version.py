"""--version of each program says what is in the file VERSION, whatever the settings are."""

import os

import pytest

from shop.stack import BUILD, ROOT, run


@pytest.mark.parametrize("program", ["products-worker", "orders-worker", "orders-reconciler", "index-products"])
def test_a_program_says_its_version(program):
    version = (ROOT / "VERSION").read_text()
    environment = {"PATH": os.environ["PATH"], "LOG_LEVEL": "wrong"}
    said = run(ROOT / "build" / BUILD / program, "--version", environment=environment)
    assert said == (0, f"{program} {version}")
