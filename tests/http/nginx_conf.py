"""nginx as a test wants it, and what is in its cache."""

import os
import re
import signal
from contextlib import contextmanager

from shop.stack import children, wait_for

ATTEMPTS = 50


@contextmanager
def changed(stack, changes):
    """The shop with a changed configuration: `changes` has for a file's name what makes its new text of the old one."""
    folder = stack.run_dir / "nginx/conf"
    before = {}
    try:
        for name, change in changes.items():
            path = folder / name
            before[path] = path.read_text()
            text = change(before[path])
            assert text != before[path], f"{name} is as it was"
            path.write_text(text)
        reload(stack)
        yield
    finally:
        for path, text in before.items():
            path.write_text(text)
        reload(stack)


def reload(stack):
    """Returns when the old nginx workers, which know the old configuration, have ended."""
    pid = stack.pid("nginx")
    old = set(children(pid))
    os.kill(pid, signal.SIGHUP)
    wait_for(lambda: children(pid) and not old & set(children(pid)), "nginx has other workers", seconds=60)


def cached_keys(stack):
    """The keys of all that is in the cache of lists."""
    keys = set()
    for path in (stack.run_dir / "nginx/cache_orders").glob("*/*"):
        try:
            keys.update(re.findall(rb"\nKEY: (.*)\n", path.read_bytes()[:2000]))
        except FileNotFoundError:
            pass  # nginx has removed it.
    return {key.decode() for key in keys}


def cached_targets(stack):
    return {key.split(" ")[1] for key in cached_keys(stack)}


def generations(api, stack):
    """Those of orders and products, as a list that is asked for now has them in its key."""
    assert api("GET /orders?limit=1&expand=product").status == 200
    found = [key.split(".") for key in cached_keys(stack) if "expand=product" in key]
    return max(int(orders) for orders, _, _ in found), max(int(products) for _, products, _ in found)


def hit(api, request, headers=None):
    """An answer from the cache. The second may end between two requests, but not each time."""
    for _ in range(ATTEMPTS):
        answer = api(request, headers=headers)
        if answer.headers["X-Cache"] == "HIT":
            return answer
    raise AssertionError(f"never a hit: {answer.headers}")
