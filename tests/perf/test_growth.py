"""make growth shows its progress on a terminal only."""

import os
import pty
import sys

import pytest

import growth

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
