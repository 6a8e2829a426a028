"""EDGE_CACHE, and the folder of the cache."""

import re
import stat
import subprocess
from pathlib import Path

import pytest

from shop.dev_stack import IS_ROOT, DevStack, changed, temp_folder
from shop.samples import make_order, make_product

ATTEMPTS = 50  # A page is a hit for one second. That second may end between two requests, but not 50 times.

may_mount = pytest.mark.skipif(
    not IS_ROOT or subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0,
    reason="only where root may mount",
)


def sources(shop, target="/orders"):
    return {shop.api(f"GET {target}").headers["X-Cache"] for _ in range(ATTEMPTS)}


def test_reads_are_cached_unless_it_is_switched_off(shop):
    make_product(shop.api)
    targets = ["/orders", f"/orders/{make_order(shop.api)}", "/products", "/products/the_odyssey"]
    assert all("HIT" in sources(shop, target) for target in targets)
    before = shop.pids()
    shop.up_and_reloaded(EDGE_CACHE="off")
    assert all(sources(shop, target) == {"BYPASS"} for target in targets)
    assert changed(before, shop.pids()) == ["nginx"] and before["nginx"][0] == shop.pid("nginx")

    order_id = make_order(shop.api)
    answer = shop.api(f"GET /orders?after={order_id - 1}&expand=product")
    assert ([order["id"] for order in answer.json], answer.headers["X-Cache"]) == ([order_id], "BYPASS")
    assert answer.headers["ETag"] and answer.headers["Cache-Control"] == "no-cache"
    shop.up_and_reloaded(EDGE_CACHE="on")
    assert "HIT" in sources(shop)


def test_only_nginx_can_read_the_cache(shop):
    folder = shop.run_dir / "nginx/cache_orders"
    assert not folder.is_symlink() and folder.owner() == Path(f"/proc/{shop.pid('nginx')}").owner()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@may_mount
def test_the_cache_is_mounted_while_nginx_runs(shop):
    folder = shop.run_dir / "nginx/cache_orders"
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    (mount,) = [words for words in mounts if words[1] == str(folder)]
    assert mount[2] == "tmpfs"
    assert {"size=524288k", "nosuid", "nodev", "noexec"} <= set(mount[3].split(","))
    shop.down()
    assert not folder.is_mount()
    shop.up()
    assert folder.is_mount()
    shop.run("reset")
    assert not folder.exists()
    shop.up()
    make_product(shop.api)


@may_mount
def test_the_cache_is_mounted_again_after_a_reboot(shop):
    shop.close()
    shop.kill(*shop.processes())
    subprocess.run(["umount", shop.run_dir / "nginx/cache_orders"], check=True)
    shop.up()
    assert (shop.run_dir / "nginx/cache_orders").is_mount()
    assert "HIT" in sources(shop)


@may_mount
def test_a_start_that_fails_leaves_nothing_mounted(new_stack, checkout):
    (checkout.build / "orders-worker").write_text('#!/bin/sh\n[ "$1" = --check-config ]\n')
    stack = new_stack()
    assert stack.run("up", checkout).status != 0
    assert stack.run_dir.exists() and not (stack.run_dir / "nginx/cache_orders").is_mount()


@may_mount
def test_without_room_for_the_cache_the_shop_does_not_start(checkout):
    """On a small disk, without the right to mount: the cache would lie on that disk."""
    folder = temp_folder()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755,size=300m", "tmpfs", folder], check=True)
    checkout.append("ops/dev/lib/settings.sh", "\nmount() { false; }\n")
    stack = DevStack(folder, checkout)
    try:
        complaint = stack.run("up").complaint
        assert re.search(rf"the disk is full: \d+ MB free in {folder}, 384 MB needed", complaint)
        stack.assert_nothing_runs()
    finally:
        stack.remove()
        subprocess.run(["umount", folder], check=True)


def test_without_the_right_to_mount_the_cache_lies_on_the_disk(new_stack, checkout):
    checkout.append("ops/dev/lib/settings.sh", "\nmount() { false; }\n")
    stack = new_stack()
    stack.up(checkout)
    make_product(stack.api)
    assert not (stack.run_dir / "nginx/cache_orders").is_mount()
    assert "HIT" in sources(stack)


def test_make_up_keeps_the_cache(shop):
    shop.up()
    assert "HIT" in sources(shop)
    shop.up()
    assert "HIT" in sources(shop)
