"""ORDERS_CACHE, and the cache of lists over a make up."""

import shutil
from pathlib import Path

from dev_stack import changed
from shop_samples import make_order, make_product
from shop_stack import wait_for

ATTEMPTS = 50  # The second for which a page is a hit may end between two requests, but not each time.


def sources(shop):
    return {shop.api("GET /orders").headers["X-Cache"] for _ in range(ATTEMPTS)}


def test_lists_are_cached_unless_it_is_switched_off(shop):
    make_product(shop.api)
    assert "HIT" in sources(shop)
    before = shop.pids()
    up_and_reloaded(shop, ORDERS_CACHE="off")
    assert sources(shop) == {"BYPASS"}
    assert changed(before, shop.pids()) == ["nginx"] and before["nginx"][0] == shop.pid("nginx")

    order_id = make_order(shop.api)
    answer = shop.api(f"GET /orders?after={order_id - 1}&expand=product")
    assert ([order["id"] for order in answer.json], answer.headers["X-Cache"]) == ([order_id], "BYPASS")
    assert answer.headers["ETag"] and answer.headers["Cache-Control"] == "no-cache"
    up_and_reloaded(shop, ORDERS_CACHE="on")
    assert "HIT" in sources(shop)


def up_and_reloaded(shop, **settings):
    """Old nginx workers end a moment after the new ones are there."""
    old = set(shop.pids()["nginx"][1:])
    shop.up(**settings)
    wait_for(lambda: not old & set(shop.pids()["nginx"]), "the old nginx workers end")


def test_it_lies_in_memory_and_goes_with_the_stack(shop):
    folder = (shop.run_dir / "nginx/cache_orders").resolve()
    assert folder.parent == Path("/dev/shm") and folder.owner() == owner(shop.pid("nginx"))
    shop.run("reset")
    assert not folder.exists()
    shop.up()
    make_product(shop.api)


def test_it_is_made_anew_after_a_reboot(shop):
    """Which empties memory."""
    shop.down()
    shutil.rmtree((shop.run_dir / "nginx/cache_orders").resolve())
    shop.up()
    assert "HIT" in sources(shop)


def owner(pid):
    return Path(f"/proc/{pid}").owner()


def test_up_again_goes_on_with_it(shop):
    shop.up()
    assert "HIT" in sources(shop)
    shop.up()
    assert "HIT" in sources(shop)
