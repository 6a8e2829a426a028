"""The programs that measure, each run for a second or so. Their reports must be right; the figures do not matter here.

The workers are those of build/$BUILD, asan unless BUILD is set.
"""

import os

import pytest

os.environ.setdefault("BUILD", "asan")  # Before limits.py reads it.

import report  # noqa: E402
from shop.fixtures import PATIENCE, shared_stack  # noqa: E402


stack = shared_stack(LOG_LEVEL="warning", PRODUCTS_WORKERS="2", ORDERS_WORKERS="3", **PATIENCE)


@pytest.fixture
def report_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "REPORT", tmp_path)
    return tmp_path
