"""A list that other orders follow depends on the blocks of ids that it shows: writes elsewhere leave it in the cache."""

import pytest

from nginx_conf import changed, hit, keys_of
from shop.samples import detail_ids, make_order

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


def counted(api, stack, target):
    """What the keys of the list count, those that are in the cache."""
    return {key.split(" ", 2)[2] for key in keys_of(api, stack, target)}


def generation(api, stack, target):
    """The generation of the list, as counted in its blocks."""
    return max(int(key.split(".")[0]) for key in keys_of(api, stack, target) if not key.endswith(" orders"))


def learned(api, stack, target):
    """Asks until nginx counts the blocks of the list: it does so from the first write on after it has heard of them."""
    for _ in range(20):
        if counted(api, stack, target) != {"orders"}:
            return
        make_order(api)
    raise AssertionError("the list counts all orders")


ONE_PROCESS = {"nginx.conf": lambda text: text.replace("worker_processes auto;", "worker_processes 1;")}


@pytest.fixture(scope="module", autouse=True)
def one_process(stack):
    """What one process knows of a list, another one may not."""
    with changed(stack, ONE_PROCESS):
        yield


def test_a_list_counts_the_blocks_of_its_orders_and_of_the_next_one(shop, stack):
    learned(shop, stack, FULL)
    assert "b0 b1" in counted(shop, stack, FULL)
    assert counted(shop, stack, "/orders?limit=1000") == {"orders"}


def test_a_new_order_elsewhere_leaves_the_list_in_the_cache(shop, stack):
    learned(shop, stack, FULL)
    before = generation(shop, stack, FULL)
    order_id = make_order(shop)
    (detail,) = detail_ids(shop, order_id)
    shop(f"PATCH /orders/{order_id}", {"order_details": [{"id": detail, "quantity": 5}]})
    assert shop(f"DELETE /orders/{order_id}").status == 204
    assert generation(shop, stack, FULL) == before


@pytest.mark.parametrize("order_id", [1, 2, 300])
def test_a_write_to_what_the_list_depends_on_shows(shop, stack, order_id):
    learned(shop, stack, FULL)
    before = generation(shop, stack, FULL)
    page = shop(f"GET {FULL}")
    assert shop(f"DELETE /orders/{order_id}").status == 204
    after = shop(f"GET {FULL}")
    assert [order["id"] for order in after.json] == [number for number in (1, 2, 300) if number != order_id][:2]
    assert ("Link" in after.headers, after.headers["ETag"] == page.headers["ETag"]) == (True, order_id == 300)
    assert generation(shop, stack, FULL) == before + 1


def test_the_list_that_none_follows_any_more_has_no_link(shop, stack):
    last = "/orders?limit=1&after=300"
    learned(shop, stack, last)
    for order in shop("GET /orders?after=600").json:
        assert shop(f"DELETE /orders/{order['id']}").status == 204
    assert "Link" not in shop(f"GET {last}").headers
    order_id = make_order(shop)
    assert "Link" in shop(f"GET {last}").headers
    assert shop(f"DELETE /orders/{order_id}").status == 204
    assert "Link" not in shop(f"GET {last}").headers


# Stores a list under the key that it was asked for by, whatever it shows.
UNCOUNTED_IS_STORED = {"edge_cache.conf": lambda text: text.replace("default         1;", 'default         "";')}


def has_stale_link(shop, stack):
    """Order 300 goes, so that 600 follows the list, which is in no block of its key. Then 600 and what is after it go.
    Is the list's link still there?"""
    fill(stack)
    learned(shop, stack, FULL)
    others = [order["id"] for order in shop("GET /orders?after=300").json]
    shop("DELETE /orders/300")
    shop(f"GET {FULL}")
    for order_id in others:
        shop(f"DELETE /orders/{order_id}")
    return "Link" in shop(f"GET {FULL}").headers


def test_a_list_that_shows_other_blocks_is_not_stored_under_its_old_key(shop, stack):
    assert not has_stale_link(shop, stack)


def test_if_it_were_stored_it_would_be_stale(shop, stack):
    with changed(stack, UNCOUNTED_IS_STORED):
        assert any(has_stale_link(shop, stack) for _ in range(5))


def test_expanded_lists_count_the_products_too(shop, stack):
    target = f"{FULL}&expand=product"
    learned(shop, stack, target)
    before = generation(shop, stack, target)
    shop("PATCH /products/the_odyssey", {"in_stock": 77})
    assert generation(shop, stack, target) == before + 1
    assert {order["order_details"][0]["product"]["in_stock"] for order in shop(f"GET {target}").json} == {77}


def test_a_list_over_many_blocks_counts_all_orders(shop, stack):
    add_orders(stack, 256 * 17)
    target = "/orders?limit=1000"
    add_orders(stack, *range(256 * 17 + 1, 256 * 17 + 1000))
    hit(shop, f"GET {target}")
    make_order(shop)
    assert counted(shop, stack, target) == {"orders"}
