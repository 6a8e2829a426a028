"""A list that other orders follow depends on the blocks of ids that it shows: writes elsewhere leave it in the cache."""

from typing import NamedTuple
from urllib.request import urlopen

import pytest

from nginx_conf import changed
from shop.samples import detail_ids, make_order
from shop.stack import wait_for

FULL = "/orders?limit=2"  # Orders 1 and 2; order 300 follows.


@pytest.fixture
def shop(api, stack, odyssey):
    fill(stack)
    return api


def fill(stack):
    """Orders 1, 2, 300 and 600. New ones have the ids from 1000 on."""
    stack.postgres("DELETE FROM orders")
    stack.postgres("ALTER SEQUENCE orders_id_seq RESTART WITH 1000")
    add_orders(stack, 1, 2, 300, 600)


def add_orders(stack, *ids):
    values = ", ".join(f"({order_id})" for order_id in ids)
    stack.postgres(
        f"WITH new AS (INSERT INTO orders (id) VALUES {values} RETURNING id)"
        " INSERT INTO order_details (order_id, product_id, price, quantity) SELECT id, 'the_odyssey', 1, 1 FROM new"
    )
    stack.forget_pages()


class Key(NamedTuple):
    generation: int
    counts: str


def key(stack, target):
    """What the list is cached under."""
    with urlopen(f"http://127.0.0.1:{stack.port}{target}") as answer:
        numbers, _, counts = answer.headers["X-Key"].split(" ", 2)
    return Key(int(numbers.split(".")[0]), counts)


def learned(stack, target, blocks):
    """Asks until nginx counts these blocks, which it does from the second on after it has heard of them."""
    wait_for(lambda: key(stack, target).counts == blocks, f"the list counts {blocks}")


# nginx tells urllib the keys, and no other client.
SHOWS_KEYS = {
    "edge_cache.conf": lambda text: text
    + 'map $http_user_agent $told_key { ~^Python-urllib $cache_key; default ""; }\n',
    "list_cached.conf": lambda text: text + "add_header X-Key $told_key;\n",
}


@pytest.fixture(scope="module", autouse=True)
def shows_keys(stack):
    with changed(stack, SHOWS_KEYS):
        yield


def test_a_list_counts_the_blocks_of_its_orders_and_of_the_next_one(shop, stack):
    learned(stack, FULL, "b0 b1")
    learned(stack, "/orders?limit=1000", "orders")
    make_order(shop)
    assert key(stack, "/orders?limit=1000").counts == "orders"


def test_a_new_order_elsewhere_leaves_the_list_in_the_cache(shop, stack):
    learned(stack, FULL, "b0 b1")
    before = key(stack, FULL)
    order_id = make_order(shop)
    (detail,) = detail_ids(shop, order_id)
    shop(f"PATCH /orders/{order_id}", {"order_details": [{"id": detail, "quantity": 5}]})
    assert shop(f"DELETE /orders/{order_id}").status == 204
    assert key(stack, FULL) == before


@pytest.mark.parametrize("order_id", [1, 2, 300])
def test_a_write_to_what_the_list_depends_on_shows(shop, stack, order_id):
    learned(stack, FULL, "b0 b1")
    page = shop(f"GET {FULL}")
    assert shop(f"DELETE /orders/{order_id}").status == 204
    after = shop(f"GET {FULL}")
    assert [order["id"] for order in after.json] == [number for number in (1, 2, 300) if number != order_id][:2]
    assert ("Link" in after.headers, after.headers["ETag"] == page.headers["ETag"]) == (True, order_id == 300)
    learned(stack, FULL, "b0 b1 b2")  # Order 600 follows.


def test_the_list_that_none_follows_any_more_has_no_link(shop, stack):
    last = "/orders?limit=1&after=300"
    make_order(shop)
    learned(stack, last, "b1 b2 b3")
    for order in shop("GET /orders?after=600").json:
        assert shop(f"DELETE /orders/{order['id']}").status == 204
    assert "Link" not in shop(f"GET {last}").headers
    order_id = make_order(shop)
    assert "Link" in shop(f"GET {last}").headers
    assert shop(f"DELETE /orders/{order_id}").status == 204
    assert "Link" not in shop(f"GET {last}").headers


# nginx learns the blocks of a list when the client that it was fetched for has read it all, which may take long. Here it
# never does.
LEARNS_LATE = {"lua/list.lua": lambda text: text.replace("if is_page then", "if false then")}

# A wrong design: a list is stored under the key that it was asked for by, whatever it shows.
UNCOUNTED_IS_STORED = {"edge_cache.conf": lambda text: text.replace("default         1;", 'default         "";')}


def has_stale_link(shop, stack):
    """Order 300 goes, so that 600 follows the list, which is in no block of its key. Then 600 and what is after it go.
    Is the list's link still there?"""
    others = [order["id"] for order in shop("GET /orders?after=300").json]
    shop("DELETE /orders/300")
    shop(f"GET {FULL}")
    for order_id in others:
        shop(f"DELETE /orders/{order_id}")
    return "Link" in shop(f"GET {FULL}").headers


@pytest.mark.parametrize("changes", [{}, UNCOUNTED_IS_STORED], ids=["as it is", "stored"])
def test_a_list_that_shows_other_blocks_is_not_stored_under_its_old_key(shop, stack, changes):
    stale = []
    for _ in range(5):
        fill(stack)
        learned(stack, FULL, "b0 b1")
        with changed(stack, LEARNS_LATE | changes):
            stale.append(has_stale_link(shop, stack))
    assert any(stale) == bool(changes)


# As a worker of an earlier version, which names no block.
WITHOUT_BLOCKS = {
    "lua/raise.lua": lambda text: text.replace("counters.raise(changed)", "counters.raise((changed:gsub('b%d+ ', '')))")
}


def test_a_write_of_an_order_without_its_block_raises_everything(shop, stack):
    with changed(stack, WITHOUT_BLOCKS):
        learned(stack, FULL, "b0 b1")
        before = key(stack, FULL)
        make_order(shop)
        assert key(stack, FULL) == (before.generation + 1, before.counts)


def test_expanded_lists_count_the_products_too(shop, stack):
    target = f"{FULL}&expand=product"
    learned(stack, target, "b0 b1")
    before = key(stack, target)
    shop("PATCH /products/the_odyssey", {"in_stock": 77})
    assert key(stack, target) == (before.generation + 1, before.counts)
    assert {order["order_details"][0]["product"]["in_stock"] for order in shop(f"GET {target}").json} == {77}


def test_a_list_over_many_blocks_counts_all_orders(shop, stack):
    add_orders(stack, 256 * 17)
    target = "/orders?limit=1000"
    add_orders(stack, *range(256 * 17 + 1, 256 * 17 + 1000))
    learned(stack, target, "orders")
    make_order(shop)
    assert key(stack, target).counts == "orders"
