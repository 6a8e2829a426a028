"""make restart, and make up with a changed pool: there are new processes, and no request fails."""

import os
import shutil
import signal
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from shop.client import Client
from shop.dev_stack import PROGRAMS
from shop.full_queue import queue_length
from shop.load import Load, wrong_stocks
from shop.samples import make_product
from shop.stack import BUILD, READ, ROOT, children, freeze, has_ended, run, signal_tree, state, wait_for
from shop.stores import Postgres

RESTARTS = 5


def pids(shop):
    return {part: shop.pid(part) for part in PROGRAMS}


def start_restart(shop, build_dir=ROOT / "build" / BUILD):
    environment = {"PATH": os.environ["PATH"], "RUN_DIR": str(shop.run_dir), "BUILD_DIR": str(build_dir)}
    return subprocess.Popen([ROOT / "ops/dev/restart.sh"], env=environment, start_new_session=True, **READ)


def restart(shop, *build_dir):
    process = start_restart(shop, *build_dir)
    output, _ = process.communicate(timeout=120)
    return process.returncode, output.splitlines()


def test_restarts_under_load_fail_no_request(shop):
    with Load(shop.port) as load:
        for _ in range(RESTARTS):
            before, answered = pids(shop), load.answered()
            shop.make("restart")
            after = pids(shop)
            assert all(before[part] != after[part] for part in PROGRAMS), (before, after)
            assert all(has_ended(pid) for pid in before.values())
            wait_for(lambda: load.answered() > answered + 100, "answers after the restart")
    print(f"{load.outcomes.total()} requests over {RESTARTS} restarts, failed: {load.failures()}")
    assert load.failures() == {}
    assert wrong_stocks(shop) == {}


def test_a_changed_setting_fails_no_request(shop):
    with Load(shop.port) as load:
        before = pids(shop)
        shop.make("up", POSTGRES_TIMEOUT_MS="2999")
        after = pids(shop)
        shop.make("up")
    assert [part for part in PROGRAMS if before[part] != after[part]] == ["orders", "reconciler"]  # Both have it.
    assert load.failures() == {}


def test_a_restart_keeps_the_settings(shop):
    shop.make("up", POSTGRES_TIMEOUT_MS="2999")
    shop.make("restart")
    for pid in shop.worker_pids("orders") | shop.worker_pids("reconciler"):
        assert b"POSTGRES_TIMEOUT_MS=2999" in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")


def test_a_restart_picks_up_newer_programs(shop, tmp_path):
    for program in PROGRAMS.values():
        shutil.copy2(ROOT / "build" / BUILD / program, tmp_path)
        with (tmp_path / program).open("ab") as file:
            file.write(b"newer")
    status, lines = restart(shop, tmp_path)
    assert status == 0, lines
    for part, program in PROGRAMS.items():
        for pid in children(shop.pid(part)):
            assert Path(f"/proc/{pid}/exe").read_bytes() == (tmp_path / program).read_bytes()


def test_requests_that_wait_in_the_old_queue_are_answered(shop):
    make_product(Client(shop.port), "ship")
    old = shop.pid("products")
    freeze(old)
    try:
        with ThreadPoolExecutor(12) as clients:
            waiting = [clients.submit(Client(shop.port), "GET /products/ship") for _ in range(12)]
            wait_for(lambda: queue_length(f"{shop.run_dir}/products.sock*") == 12, "all requests wait")
            restarting = start_restart(shop)
            new_socket = shop.run_dir / "products.sock.new"
            wait_for(lambda: shop.pid("products") != old and not new_socket.exists(), "the new pool has taken over")
            assert Client(shop.port)("GET /products/ship").status == 200, "the new pool answers meanwhile"
            assert not any(request.done() for request in waiting)
            signal_tree(old, signal.SIGCONT)
            assert [request.result().status for request in waiting] == [200] * 12
    finally:
        if not has_ended(old):
            signal_tree(old, signal.SIGCONT)
    output, _ = restarting.communicate(timeout=60)
    assert restarting.returncode == 0 and "killed" not in output, output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_a_reconciler_ends_with_status_0(shop, number):
    environment = dict(line.split("=", 1) for line in (shop.run_dir / "reconciler.env").read_text().splitlines())
    process = subprocess.Popen([shop.run_dir / "bin/orders-reconciler"], env=environment)
    wait_for(lambda: state(process.pid) == "S", "it waits, for a store or for its next round")
    process.send_signal(number)
    assert process.wait(timeout=60) == 0


def test_a_pool_that_does_not_end_is_killed(shop):
    old = shop.pid("products")
    frozen = shop.worker_pids("products")
    for pid in frozen:
        freeze(pid)
    status, lines = restart(shop)
    assert status == 0
    assert lines[0] == f"airship-shop: products (pid {old}) did not end in time, and is killed"
    assert all(has_ended(pid) for pid in frozen | {old})
    assert Client(shop.port)("GET /health").status == 200


def test_a_pool_that_does_not_start_leaves_the_old_one_alone(shop, tmp_path):
    for program in PROGRAMS.values():
        shutil.copy2(ROOT / "build" / BUILD / program, tmp_path)
    script = '#!/bin/sh\n[ "$1" = --check-config ] || { echo "error: broken"; exit 1; }\n'
    (tmp_path / "orders-worker").write_text(script)
    before = pids(shop)
    status, lines = restart(shop, tmp_path)
    assert status == 1
    assert lines[-1].startswith("airship-shop: orders did not start: error: broken")
    assert pids(shop)["orders"] == before["orders"]
    assert Client(shop.port)("GET /orders").status == 200
    shop.make("up")
    assert {path.name for path in shop.run_dir.glob("pids/orders*")} == {"orders.pid"}


@pytest.mark.parametrize("moment", ["while it starts", "while the old one drains"])
def test_an_interrupted_restart_is_put_in_order_by_the_next_command(shop, moment):
    old = shop.pid("products")
    freeze(old)
    restarting = start_restart(shop)
    mark = shop.run_dir / f"pids/products.{'new' if moment == 'while it starts' else 'old'}.pid"
    wait_for(mark.exists, moment)
    os.killpg(restarting.pid, signal.SIGKILL)
    restarting.communicate()
    signal_tree(old, signal.SIGCONT)
    shop.make("up")
    current = shop.pid("products")
    supervisors = run("pgrep", "-f", f"multiwatch.*{shop.run_dir.resolve()}/bin/products-worker")[1].split()
    assert supervisors == [str(current)]
    assert {path.name for path in shop.run_dir.glob("pids/products*")} == {"products.pid"}
    assert {path.name for path in shop.run_dir.glob("products.sock*")} == {"products.sock"}
    assert Client(shop.port)("GET /health").status == 200


def test_clients_do_not_notice_a_restart_in_the_middle_of_their_request(shop):
    """The worker must end while its statement waits for a lock."""
    api = Client(shop.port)
    make_product(api, "ship")
    order_id = api("POST /orders", {"order_details": [{"product_id": "ship", "price": 1, "quantity": 1}]}).json["id"]
    shop.postgres("BEGIN")
    shop.postgres(f"SELECT FROM orders WHERE id = {order_id} FOR UPDATE")
    answers = []
    deleting = threading.Thread(target=lambda: answers.append(api(f"DELETE /orders/{order_id}").status))
    deleting.start()
    is_waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%DELETE%'"
    with closing(Postgres(shop.run_dir / "postgres")) as other_session:
        wait_for(lambda: other_session(is_waiting) == [(1,)], "the worker waits")
    old = shop.pid("orders")
    restarting = start_restart(shop)
    wait_for(lambda: len(children(old)) == 1, "only the busy worker of the old pool is left")
    shop.postgres("COMMIT")
    deleting.join()
    assert answers == [204]
    output, _ = restarting.communicate(timeout=60)
    assert restarting.returncode == 0 and "killed" not in output, output
