"""The programs that measure, each run for a second or so. Their reports must be right; the figures do not matter here.

The workers are those of build/$BUILD, asan unless BUILD is set.
"""

import os

import pytest

os.environ.setdefault("BUILD", "asan")  # Before limits.py reads it.

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
