"""The file system of the cache is full, or nearly. Each list is answered as a whole, from a worker if there is no
room (lua/cache_room.lua)."""

import os
import socket
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress

import pytest

from shop.client import Client
from shop.connection import Connection
from shop.stack import wait_for

# These tests delete pages before nginx does, and slow clients still read pages that are long out of date.
pytestmark = pytest.mark.may_log(
    r"\[crit\].* unlink\(\) .*/cache_orders/.* failed \(2: ", r"\[alert\].* ignore long locked inactive cache entry"
)

MIB = 1 << 20
CACHE_MIB = 160  # More than nginx's open pages take.
ROOM_MIB = 9

# Lists whose pages have a few hundred bytes, and lists whose pages have nearly 1 MiB.
SMALL = [f"/orders?limit={limit}" for limit in range(1, 9)]
LARGE = [f"/orders?limit=140&after={after}" for after in range(1, 25)]

ORDERS = """
INSERT INTO orders SELECT FROM generate_series(1, 8);
INSERT INTO orders SELECT FROM generate_series(1, 160);
INSERT INTO order_details (order_id, product_id, price, quantity)
    SELECT id, 'the_odyssey', 1, 1 FROM (SELECT id FROM orders ORDER BY id DESC LIMIT 160) large, generate_series(1, 100)
"""


@pytest.fixture
def cache(stack, api):
    """The folder of the cache. For this test it is a file system of CACHE_MIB, which only root can mount."""
    folder = (stack.run_dir / "nginx/cache_orders").resolve()
    options = f"size={CACHE_MIB}m,mode=700,uid={folder.stat().st_uid}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)
    try:
        stack.postgres(ORDERS)
        stack.forget_pages()
        yield folder
        wait_for(lambda: not list(folder.glob("*/*")), "nginx has removed all pages of this file system", seconds=60)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def source(api, target):
    """Where the page of `target` comes from. Fails unless it comes as a whole."""
    answer = api(f"GET {target}")
    assert answer.status == 200 and len(answer.body) == int(answer.headers["Content-Length"])
    assert (len(answer.body) > 0.8 * MIB) == (target in LARGE) and len(answer.body) <= MIB
    assert answer.json
    return answer.headers["X-Cache"]


def sources(api, targets):
    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(lambda target: source(api, target), targets))


@contextmanager
def filled(cache, left=0):
    """Fills the file system for the `with` block, except for `left` bytes."""
    path = cache / "other"
    with path.open("wb") as file:
        system = os.statvfs(cache)
        os.posix_fallocate(file.fileno(), 0, system.f_bavail * system.f_frsize - left)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def test_a_full_file_system(stack, cache):
    api = Client(stack.port)
    with filled(cache):
        for _ in range(2):
            assert sources(api, SMALL + LARGE) == {"BYPASS": len(SMALL + LARGE)}
        assert "no room in " in (stack.run_dir / "log/nginx-error.log").read_text(errors="replace")
    wait_for(
        lambda: source(api, SMALL[0]) == "HIT" and source(api, LARGE[0]) == "HIT", "with room, pages are cached again"
    )


def test_more_pages_at_once_than_fit(stack, cache):
    """A page counts from the moment when its fetch begins."""
    with filled(cache, left=ROOM_MIB * MIB):
        found = sum((sources(Client(stack.port), LARGE) for _ in range(3)), Counter())
    assert found["BYPASS"] and found["MISS"], found


def test_slow_readers_of_what_is_out_of_date(stack, cache):
    """Their pages are gone from the cache and from nginx's accounts, but not from the file system."""
    api = Client(stack.port)
    with ExitStack() as closing, filled(cache, left=ROOM_MIB * MIB):
        for _ in range(3):
            stack.forget_pages()
            for target in LARGE[:10]:
                reader = closing.enter_context(socket.socket())
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                reader.connect(("127.0.0.1", stack.port))
                # Several requests: nginx closes a page as soon as the kernel's buffer has taken it all.
                reader.sendall(f"GET {target} HTTP/1.1\r\nHost: shop\r\n\r\n".encode() * 9)
            sources(api, SMALL + LARGE)
    wait_for(lambda: source(api, LARGE[0]) == "HIT", "with room, pages are cached again")


def test_a_page_that_disappears_before_a_hit_is_not_stored_again(stack, cache):
    """No room was taken for it. This happens when nginx makes room for other pages at that moment."""

    def source_of_page_that_is_gone(target):
        page = wait_for(lambda: connection(f"GET {target}") and page_file(cache, target), "the page is in its place")
        elsewhere = page.rename(cache / page.name)
        with filled(cache):
            reply = connection(f"GET {target}")
        elsewhere.rename(page)
        assert reply.status == 200 and len(reply.body) == int(reply.header("Content-Length"))
        return reply.header("X-Cache")

    with Connection(stack.port) as connection:
        assert "MISS" in [source_of_page_that_is_gone(target) for target in LARGE]


def page_file(cache, target):
    """The file of the page of `target`, or None. A file whose name has a point is still being written."""
    for path in cache.glob("*/*"):
        with suppress(FileNotFoundError):  # nginx has removed it.
            if not path.suffix and f" {target} ".encode() in path.read_bytes()[:2000]:
                return path
    return None


def test_a_folder_that_is_gone(api, stack):
    """Without its folder the cache does nothing. It works again when the folder is back."""
    folder = (stack.run_dir / "nginx/cache_orders").resolve()
    elsewhere = folder.with_name(folder.name + ".gone")
    if folder.is_mount():
        subprocess.run(["umount", "--lazy", folder], check=True)
    folder.rename(elsewhere)
    try:
        assert {api(f"GET /orders?limit={limit}").headers["X-Cache"] for limit in range(1, 9)} == {"BYPASS"}
    finally:
        elsewhere.rename(folder)
    wait_for(lambda: api("GET /orders?limit=1").headers["X-Cache"] == "HIT", "it is cached")
