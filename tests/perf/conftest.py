"""The programs that measure, tried for a second each: what they show is right; how much it is does not matter here.

The workers are those of build/$BUILD, asan unless BUILD is set.
"""

import os

import pytest

os.environ.setdefault("BUILD", "asan")  # Before limits.py looks.

import report  # noqa: E402
from perf_stack import started_shop  # noqa: E402


@pytest.fixture(scope="session")
def stack():
    with started_shop(PRODUCTS_WORKERS="2", ORDERS_WORKERS="3") as stack:
        yield stack


@pytest.fixture
def report_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "REPORT", tmp_path)
    return tmp_path
