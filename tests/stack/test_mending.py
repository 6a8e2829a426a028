"""make up on a running shop whose files were deleted or programs replaced: it mends that and nothing else."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from shop.dev_stack import PARTS, Checkout, DevStack, changed, command_line, temp_folder
from shop.samples import an_order, make_product, order_the_odyssey, show_order

# The reconciler looks once a second, also while a store restarts.
pytestmark = pytest.mark.may_log("cannot reconcile: ")

# What is deleted, and the parts that must be restarted for it.
GONE = {
    "postgres/.s.PGSQL.5432": ["postgres"],
    "redis/redis.sock": ["redis"],
    "products.sock": ["products"],
    "orders.sock": ["orders"],
    "nginx/run/list.sock": ["nginx"],
    "nginx/temp": [],
    "nginx/temp/body": [],
    "nginx/cache_orders": [],
    "pids": [],
    "log": [],
}


def delete(path):
    if os.path.ismount(path):
        subprocess.run(["umount", "--lazy", path], check=True)
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def assert_serves(shop, order):
    assert show_order(shop.api, order["id"]) == order
    assert shop.api("POST /orders", an_order()).status == 200
    assert shop.api("GET /orders").status == shop.api("GET /products").status == 200
    assert "HIT" in {shop.api("GET /orders").headers["X-Cache"] for _ in range(50)}
    # A body that nginx buffers in a file.
    assert shop.api("POST /products", {"id": "x" * 1_000_000}).status == 400
    assert shop.run("status").status == 0


@pytest.mark.may_log(r"unlink\(\) \S+ failed \(2: ")  # nginx removes its socket and its cached pages.
@pytest.mark.parametrize("name", GONE)
def test_what_is_gone_is_made_again(shop, name):
    order = order_the_odyssey(shop.api)
    before = shop.pids()
    delete(shop.run_dir / name)
    shop.close()

    shop.up()
    assert changed(before, shop.pids()) == GONE[name]
    assert (shop.run_dir / name).exists()
    assert_serves(shop, order)


def test_a_shop_without_pid_files_can_be_stopped(shop):
    for part in PARTS:
        shop.pid_file(part).unlink()
    assert shop.run("status").status == 0
    shop.close()
    assert shop.run("down").status == 0
    shop.assert_nothing_runs()


def test_the_whole_folder_is_gone(new_stack):
    """The data are lost, but no process of the old shop is in the way of the new one."""
    stack = new_stack()
    stack.up()
    old = stack.processes()
    try:
        for path in (stack.run_dir / "nginx/cache_orders", stack.run_dir):
            delete(path)
        stack.up()
        assert [pid for pid in old if command_line(pid)] == []
    finally:
        for pid in filter(command_line, old):
            os.kill(pid, signal.SIGKILL)
    assert stack.api("GET /orders").json == []
    assert stack.run("status").status == 0


PROGRAMS = {
    "postgres": "usr/lib/postgresql/15/bin/postgres",
    "redis": "usr/bin/redis-server",
    "nginx": "usr/sbin/nginx",
}
MODULE = "usr/lib/nginx/modules/ngx_http_lua_module.so"


@pytest.fixture(scope="module")
def checkout_with_programs():
    """A checkout with its own copies of the servers' programs. A test may replace them as dpkg does."""
    checkout = Checkout(temp_folder())
    folder = checkout.folder
    for tree in ("usr/lib/postgresql/15", "usr/share/postgresql/15"):
        shutil.copytree(f"/{tree}", folder / tree)
    for name in ("usr/bin/redis-server", "usr/sbin/nginx", "usr/lib/nginx/modules/ngx_http_lua_module.so"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(f"/{name}", folder / name)
    path = ":".join(str((folder / name).parent) for name in PROGRAMS.values())
    checkout.append("ops/dev/lib/settings.sh", f"\nPATH={path}:$PATH\n")
    conf = folder / "nginx/nginx.conf"
    conf.write_text(conf.read_text().replace(f"/{MODULE}", f"{folder}/{MODULE}"))
    yield checkout
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def stack_of_copies(checkout_with_programs):
    stack = DevStack(temp_folder(), checkout_with_programs)
    stack.up()
    yield stack
    stack.remove()


def install_again(program):
    """Writes the new file beside the old one, then gives it the old one's name."""
    new = program.with_name(program.name + ".dpkg-new")
    shutil.copy2(program, new)
    new.rename(program)


@pytest.mark.parametrize("part, program", [*PROGRAMS.items(), ("nginx", MODULE)], ids=[*PROGRAMS, "a module of nginx"])
def test_a_part_whose_program_was_replaced_is_restarted(stack_of_copies, checkout_with_programs, part, program):
    stack, folder = stack_of_copies, checkout_with_programs.folder
    make_product(stack.api)
    before = stack.pids()
    assert str(folder) in os.readlink(f"/proc/{before[part][0]}/exe")
    stack.up()
    assert changed(before, stack.pids()) == []

    install_again(folder / program)
    stack.close()
    stack.up()
    assert changed(before, stack.pids()) == [part]
    assert before[part][0] != stack.pid(part)
    assert stack.api("GET /products/the_odyssey").status == 200
    assert "(deleted)" not in Path(f"/proc/{stack.pid(part)}/exe").readlink().name
