"""Changes to nginx's configuration, and the contents of its cache."""

import os
import re
import signal
from contextlib import contextmanager

from shop.stack import children, wait_for

ATTEMPTS = 50


@contextmanager
def changed(stack, changes):
    """Changes nginx's configuration for the `with` block. `changes`: file → function from the old text to the new."""
    folder = stack.run_dir / "nginx/conf"
    before = {}
    try:
        for name, change in changes.items():
            path = folder / name
            before[path] = path.read_text()
            text = change(before[path])
            assert text != before[path], f"the change does nothing to {name}"
            path.write_text(text)
        reload(stack)
        yield
    finally:
        for path, text in before.items():
            path.write_text(text)
        reload(stack)


def reload(stack):
    """Reloads nginx. Returns when the workers with the old configuration have ended."""
    pid = stack.pid("nginx")
    old = set(children(pid))
    os.kill(pid, signal.SIGHUP)
    wait_for(lambda: children(pid) and not old & set(children(pid)), "nginx has other workers", seconds=60)


def cached_keys(stack):
    """The keys of all pages in the cache."""
    keys = set()
    for path in (stack.run_dir / "nginx/cache_orders").glob("*/*"):
        try:
            keys.update(re.findall(rb"\nKEY: (.*)\n", path.read_bytes()[:2000]))
        except FileNotFoundError:
            pass  # nginx has removed it.
    return {key.decode() for key in keys}


def cached_targets(stack):
    return {key.split(" ")[1] for key in cached_keys(stack)}


def generation(api, stack, target):
    """The generation in the key of a page that is asked for now."""
    return max(int(key.split(".")[0]) for key in keys_of(api, stack, target))


def keys_of(api, stack, target):
    """Asks until the page is in the cache."""
    hit(api, f"GET {target}")
    return wait_for(lambda: [key for key in cached_keys(stack) if key.endswith(f" {target}")], f"{target} is cached")


def generations(api, stack):
    """Those of the orders and of the products: of a list of orders, and what a list that shows products has besides."""
    orders = generation(api, stack, "/orders?limit=1")
    return orders, generation(api, stack, "/orders?limit=1&expand=product") - orders


def hit(api, request, headers=None):
    """An answer from the cache. Repeats the request: a page is a hit for one second only, which may end between two."""
    for _ in range(ATTEMPTS):
        answer = api(request, headers=headers)
        if answer.headers["X-Cache"] == "HIT":
            return answer
    raise AssertionError(f"never a hit: {answer.headers}")
