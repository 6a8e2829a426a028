"""An upgrade migrates first, and then restarts the workers one after the other. So the last release's workers must work
on this release's schema: they pass their own tests on it."""

import os
import re
import shutil
import subprocess
import sys

from shop.stack import ROOT

# What clients use most; the same tests as on the release build.
TESTS = (
    "smoke_script products_read products_write orders_create orders_read orders_update orders_delete orders_list stock"
)


def run(folder, *command, **environment):
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (command, done.stdout[-4000:], done.stderr[-4000:])
    return done.stdout


def test_the_last_release_works_on_this_schema(tmp_path):
    """The last release is the commit that has set VERSION. Needs the history, so not every copy will do."""
    release = run(ROOT, "git", "log", "-1", "--format=%H", "--", "VERSION").strip()
    run(tmp_path, "git", "clone", "--quiet", ROOT, "last")
    last = tmp_path / "last"
    run(last, "git", "checkout", "--quiet", release)
    run(last, "make", "-j", str(os.cpu_count()), "BUILD=release", "build")
    shutil.rmtree(last / "sql")
    shutil.copytree(ROOT / "sql", last / "sql")
    tests = [f"tests/http/test_{name}.py" for name in TESTS.split()]
    ran = run(last, sys.executable, "-m", "pytest", "-q", *tests, BUILD="release", PYTHONPATH=str(last / "tests"))
    assert re.search(r"^\d\d+ passed in", ran, re.MULTILINE), ran
