"""make bench, with one round of a second on its own shop: all of its tools run, and no request fails."""

import json
import os
import subprocess
import sys
from pathlib import Path

import bench
from shop.stack import ROOT

NAMES = ["get-product", "get-order-cold", "get-product-hot", "list-orders-miss", "post-order"]


def run_bench(folder, **settings):
    environment = {name: os.environ[name] for name in ("PATH", "BUILD", "TMPDIR") if name in os.environ}
    environment |= {
        "PYTHONPATH": str(ROOT / "tests"),
        "REPORT_DIR": str(folder),
        "ROUNDS": "1",
        "SECONDS": "1",
        "PRODUCTS_WORKERS": "2",
        "ORDERS_WORKERS": "3",
    }
    return subprocess.run(
        [sys.executable, Path(bench.__file__)],
        env=environment | settings,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_table_and_the_json(tmp_path):
    done = run_bench(tmp_path, OPERATIONS=" ".join(NAMES))
    assert done.returncode == 0, done.stderr
    document = json.loads((tmp_path / "bench/bench.json").read_text())
    assert document["workers"] == {"products": 2, "orders": 3}
    assert [result["operation"] for result in document["results"]] == [bench.OPERATIONS[name].title for name in NAMES]
    for name, result in zip(NAMES, document["results"]):
        assert result["operation"] in done.stdout
        for sample in (result["shop"], *result["limits"].values()):
            assert sample["requests"] > 0 and sample["errors"] == 0, result
        assert result["cpu_us"]["nginx"] > 0
        assert result["cpu_us"]["worker"] > 0 or name == "get-product-hot"  # Which comes from nginx's cache.
    assert {limit for result in document["results"] for limit in result["limits"]} == {
        "null worker",
        "redis-benchmark",
        "file",
        "uncached shop",
        "pgbench",
    }


def test_one_operation_in_rounds(tmp_path):
    """The second round comes soon after the first, which has left its orders."""
    done = run_bench(tmp_path, OPERATIONS="post-order", ROUNDS="2")
    assert done.returncode == 0, done.stderr
    (result,) = json.loads((tmp_path / "bench/bench.json").read_text())["results"]
    assert result["shop"]["errors"] == result["limits"]["pgbench"]["errors"] == 0


def test_an_unknown_operation(tmp_path):
    done = run_bench(tmp_path, OPERATIONS="get-product get-airship")
    assert done.returncode == 1 and done.stderr.startswith("OPERATIONS must be of get-product ")
