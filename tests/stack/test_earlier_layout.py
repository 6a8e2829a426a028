"""make up takes over a stack of root's from an earlier version, with its data. Its folders are www-data's."""

import os
import shutil
import subprocess

import pytest

from shop.dev_stack import IS_ROOT, identity
from shop.samples import order_the_odyssey, show_order

pytestmark = pytest.mark.skipif(not IS_ROOT, reason="only a stack of root's has several users")

WWW_DATAS = ("log", "nginx", "pids", "redis")


@pytest.fixture
def earlier_stack(new_stack):
    """A stopped stack of the earlier version, and the order that it holds."""
    stack = new_stack()
    stack.up()
    order = order_the_odyssey(stack.api)
    stack.down()
    folder = stack.run_dir
    shutil.rmtree(folder / "conf")
    for name in WWW_DATAS:
        subprocess.run(["chown", "-R", "www-data:root", folder / name], check=True)
        (folder / name).chmod(0o755)
    for path in [*folder.glob("*.env"), folder / ".airship-shop", folder / "log/orders.log"]:
        path.chmod(0o644)
        shutil.chown(path, "root")
    shutil.chown(folder, "www-data")
    shutil.chown(folder / "postgres", "postgres", "root")
    (folder / "postgres").chmod(0o755)
    (folder / "redis/redis.conf").write_text("port 0")
    return stack, order


def as_www_data(stack, *command):
    subprocess.run(command, cwd=stack.run_dir, check=True, **identity("www-data"))


def owners(stack):
    return {path.name: path.owner() for path in stack.run_dir.iterdir() if path.is_dir()}


def assert_taken_over(stack, order):
    daemons = {"postgres": "postgres", "redis": "redis"}
    assert owners(stack) == dict.fromkeys(("bin", "conf", "log", "nginx", "pids", "state"), "root") | daemons
    assert stack.run_dir.owner() == "root"
    files = [path for path in (stack.run_dir / "redis").rglob("*") if not path.is_symlink()]
    assert {path.owner() for path in files} == {"redis"}
    assert show_order(stack.api, order["id"]) == order
    assert stack.run("status").status == 0


def test_it_is_taken_over_with_its_data(earlier_stack):
    stack, order = earlier_stack
    for command in ("down", "reset", "restart"):
        assert "make up takes it over" in stack.run(command).complaint
    stack.up()
    assert_taken_over(stack, order)
    assert (stack.run_dir / "log/orders.log").exists() and not (stack.run_dir / "redis/redis.conf").exists()
    pids = stack.pids()
    stack.up()
    assert stack.pids() == pids


def test_an_interrupted_takeover_is_continued(earlier_stack):
    stack, order = earlier_stack
    (stack.run_dir / "redis").rename(stack.run_dir / "redis.old")
    (stack.run_dir / "redis.new").mkdir()
    stack.up()
    assert_taken_over(stack, order)


def test_links_in_it_lead_root_nowhere(earlier_stack, secrets):
    stack, order = earlier_stack
    for link in (
        "log/orders.log",
        "log/x.log",
        "pids/nginx.pid",
        "nginx/conf.new",
        "redis/x",
        "redis.new",
        "redis.old",
    ):
        as_www_data(stack, "ln", "-sf", secrets / "shadow" if "." in link else secrets, link)
    as_www_data(stack, "rm", "-r", "nginx/cache_orders")
    as_www_data(stack, "ln", "-s", f"/dev/shm/airship-shop.x/../..{secrets}", "nginx/cache_orders")
    stack.up()
    assert_taken_over(stack, order)
    assert not [path for path in stack.run_dir.rglob("*") if path.is_symlink() and path.name != "x"]


@pytest.mark.parametrize("name", ["pids", "redis"])
def test_a_link_in_place_of_a_folder_is_refused(earlier_stack, secrets, name):
    stack, order = earlier_stack
    as_www_data(stack, "mv", name, f"{name}.aside")
    as_www_data(stack, "ln", "-s", secrets, name)
    assert f"a link: {stack.run_dir}/{name}" in stack.run("up").complaint
    os.unlink(stack.run_dir / name)
    (stack.run_dir / f"{name}.aside").rename(stack.run_dir / name)
    stack.up()
    assert_taken_over(stack, order)
