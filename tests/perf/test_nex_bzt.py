"""nex-bzt.sh: the arguments that it refuses, and those that it gives to Taurus."""

import pytest

from shop.stack import ROOT, run

SCRIPT = ROOT / "tests/perf/nex-bzt.sh"


@pytest.fixture
def bzt(tmp_path):
    """Runs the script with a program in Taurus' place that prints its arguments."""
    taurus = tmp_path / "bzt"
    taurus.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 3\n')
    taurus.chmod(0o755)
    return lambda *arguments: run(SCRIPT, *arguments, environment={"PATH": f"{tmp_path}:/usr/bin:/bin"})


def test_its_usage(bzt):
    assert bzt() == (2, "nex-bzt.sh: usage: nex-bzt.sh local | BASE_URL [USERS [HOLD [RAMP_UP]]]\n")


@pytest.mark.parametrize("url", ["http://shop.example/v1", "https://shop.example?x", "shop.example", "http:///"])
def test_a_base_url_that_taurus_would_cut_is_refused(bzt, url):
    status, said = bzt(url)
    assert status == 2 and f'"{url}"' in said and said.count("\n") == 1


@pytest.mark.parametrize("url", ["http://shop.example:81", "http://shop.example:81/"])
def test_it_calls_taurus_and_has_its_exit_status(bzt, url):
    status, said = bzt(url, "10", "2h")
    assert status == 3
    assert {
        "scenarios.nex.default-address=http://shop.example:81",
        "execution.0.concurrency=10",
        "execution.0.hold-for=2h",
        "execution.0.ramp-up=1m",
    } <= set(said.splitlines())
