"""Killed processes, and pid files that are wrong."""

import os
import signal
import subprocess

import pytest

from shop.dev_stack import PARTS, changed, finish
from shop.samples import order_the_odyssey, show_order
from shop.stack import wait_for

pytestmark = pytest.mark.may_log("cannot reconcile: ")  # The reconciler looks once a second.


@pytest.mark.parametrize("part", PARTS)
def test_a_killed_daemon_is_started_again_and_nothing_else(shop, part):
    """A killed supervisor leaves its children behind. They end, too: otherwise they would go on beside the new pool."""
    order = order_the_odyssey(shop.api)
    before = shop.pids()
    shop.kill(shop.pid(part))
    status = shop.run("status")
    assert status.status != 0 and f"{part:<10} not running" in status.lines

    shop.up()
    after = shop.pids()
    assert changed(before, after) == [part]
    assert not set(before[part]) & set(shop.processes())
    assert show_order(shop.api, order["id"]) == order


def test_everything_killed_at_once(shop):
    order = order_the_odyssey(shop.api)
    before = shop.pids()
    shop.close()
    shop.kill(*shop.processes())
    shop.up()
    assert changed(before, shop.pids()) == list(PARTS)
    assert show_order(shop.api, order["id"]) == order


@pytest.mark.logs(r"worker process \d+ exited on signal 9")
def test_a_killed_worker_is_replaced(shop):
    before = shop.pids()
    for part in ("reconciler", "products", "orders", "nginx"):
        supervisor, first, *rest = before[part]
        os.kill(first, signal.SIGKILL)
        pids = wait_for(lambda: replaced(shop, part, first, len(before[part])), f"a new process of {part}")
        assert pids[0] == supervisor and set(rest) <= set(pids)


def replaced(shop, part, gone, number):
    pids = shop.pids()[part]
    return pids if gone not in pids and len(pids) == number else None


@pytest.fixture
def stranger():
    process = subprocess.Popen(["sleep", "600"], start_new_session=True)
    yield process
    process.kill()
    process.wait()


def write_pid_files(shop, line):
    folder = shop.pid_file("nginx").parent
    for part in PARTS:
        path = shop.pid_file(part)
        path.write_text(f"{line}\n")
        os.chown(path, folder.stat().st_uid, folder.stat().st_gid)


def test_pid_files_that_are_wrong(shop, stranger):
    shop.down()
    for line in ("", "garbage", "-1", "0", "1", "4194304", "99999999999999999999", f"{stranger.pid} 1", stranger.pid):
        write_pid_files(shop, line)
        shop.assert_nothing_runs()
        shop.down()

    write_pid_files(shop, stranger.pid)
    shop.up()
    assert shop.run("status").status == 0
    assert stranger.poll() is None


def test_two_ups_at_once(shop):
    shop.down()
    outcomes = [finish(process) for process in [shop.start("up"), shop.start("up")]]
    assert [outcome.status for outcome in outcomes] == [0, 0], outcomes
    pids = shop.pids()
    assert len(pids["products"]) == 1 + 2 and len(pids["orders"]) == 1 + 3
    assert shop.run("status").status == 0
