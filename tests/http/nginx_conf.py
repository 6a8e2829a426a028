"""Changes to nginx's configuration, and the contents of its cache."""

import os
import re
import signal
from contextlib import contextmanager
from urllib.request import urlopen

from shop.stack import children, wait_for

ATTEMPTS = 50

# One process, which tells which pages it holds in its memory, and under which generations.
SHOWS_PAGES = {
    "nginx.conf": lambda text: text.replace("worker_processes auto;", "worker_processes 1;"),
    "lua/pages.lua": lambda text: text.replace(
        "return pages\n", "pages.places = { small, medium, large }\nreturn pages\n"
    ),
    "shop_server.conf": lambda text: text.replace(
        "location / {",
        """location = /held-pages {
            content_by_lua_block {
                for _, place in ipairs(require("pages").places) do
                    for _, target in ipairs(place:get_keys()) do
                        ngx.say(("%s %d"):format(target, place:get(target).generation or 0))
                    end
                end
            }
        }
        location / {""",
    ),
}


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


def held_generations(stack):
    """The targets of the pages that the one process of SHOWS_PAGES holds, and their generations."""
    with urlopen(f"http://127.0.0.1:{stack.port}/held-pages") as answer:
        pages = [line.split(" ") for line in answer.read().decode().splitlines()]
    return {target: int(generation) for target, generation in pages}


def held_targets(stack):
    return held_generations(stack).keys()


def generation(api, stack, target):
    """The generation of what is asked for now: of a list of orders in the key, else in the page that nginx holds."""
    if target.partition("?")[0] != "/orders":
        hit(api, f"GET {target}")
        return held_generations(stack)[target]
    return max(int(key.split(".")[0]) for key in keys_of(api, stack, target))


def keys_of(api, stack, target):
    """Asks until the page is in the cache."""
    hit(api, f"GET {target}")
    return wait_for(lambda: [key for key in cached_keys(stack) if key.split(" ")[1] == target], f"{target} is cached")


def generations(api, stack):
    """Those of the orders and of the products: of a list of orders, and what a list that shows products has besides."""
    orders = generation(api, stack, "/orders?limit=1000")
    return orders, generation(api, stack, "/orders?limit=1000&expand=product") - orders


def hit(api, request, headers=None):
    """An answer from the cache. Repeats the request: a page is a hit for one second only, which may end between two."""
    for _ in range(ATTEMPTS):
        answer = api(request, headers=headers)
        if answer.headers["X-Cache"] == "HIT":
            return answer
    raise AssertionError(f"never a hit: {answer.headers}")
