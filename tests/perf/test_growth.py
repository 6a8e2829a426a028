"""make growth: its table, and its progress, which a terminal alone shows."""

import os
import pty
import sys

import pytest

import growth
from sample import Sample

TITLE = "GET /products, first page"


@pytest.mark.parametrize("ends", [pty.openpty, os.pipe], ids=["terminal", "pipe"])
def test_its_progress(stack, monkeypatch, ends):
    monkeypatch.setattr(growth, "OPERATIONS", {TITLE: growth.OPERATIONS[TITLE]})
    read_end, written_end = ends()
    with open(read_end, "rb", buffering=0) as reader, open(written_end, "w") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        results = growth.measure({1000: stack}, rounds=2, seconds=1)
        monkeypatch.undo()
        print("end", file=stderr, flush=True)
        said = ""
        while "end" not in said:
            said += reader.read(65536).decode()
    assert results[TITLE, 1000].requests > 0
    assert said.endswith("end\n" if ends is os.pipe else "end\r\n") and ("2/2" in said) == (ends is pty.openpty), said


def test_a_page_is_measured_only_where_it_is_full():
    sizes = [10, 100, 1000]
    measured = {title: growth.measured_sizes(title, sizes) for title in growth.OPERATIONS}
    assert measured["GET /orders, first page"] == [100, 1000]
    assert measured["GET /orders, deep page"] == [1000]
    assert measured["GET /orders/{id}"] == sizes


def test_the_ratio_is_that_of_the_most_to_the_least_that_were_measured():
    results = {(TITLE, size): Sample(1, 1, p50, 2, 0) for size, p50 in {100: 0.5, 1000: 0.6}.items()}
    (row,) = growth.result_rows(results, [10, 100, 1000])
    assert [row[f"p50 {size}"] for size in ("10", "100", "1k")] == ["", "0.500", "0.600"]
    assert (row["p50 most/least"], row[""]) == ("1.20", "below")
