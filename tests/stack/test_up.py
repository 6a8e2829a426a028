"""make up on a shop that is up: it reloads or restarts the parts that have changed, and leaves the others alone."""

from urllib.request import urlopen

import pytest

from shop.dev_stack import PARTS, changed, listens
from shop.samples import order_the_odyssey, show_order
from shop.stack import free_port, wait_for


def test_up_twice_keeps_all_pids_and_data(shop):
    order = order_the_odyssey(shop.api)
    before = shop.pids()

    assert shop.run("up") == (0, [f"the shop is up: http://localhost:{shop.port}"])
    assert shop.pids() == before
    assert show_order(shop.api, order["id"]) == order


def test_down_and_up_keeps_the_data(shop):
    order = order_the_odyssey(shop.api)
    before = shop.pids()

    assert shop.down() == ["the shop is down"]
    assert shop.processes() == []
    assert shop.run("up") == (0, [f"the shop is up: http://localhost:{shop.port}"])
    assert changed(before, shop.pids()) == list(PARTS)
    assert show_order(shop.api, order["id"]) == order


def test_a_changed_setting_restarts_its_parts_and_nothing_else(shop):
    settings = {}
    for name, value, parts in [
        ("STOCK_POLICY", "reject", ["orders"]),
        ("ORDERS_WORKERS", "2", ["orders"]),
        ("PRODUCTS_WORKERS", "1", ["products"]),
        ("REDIS_TIMEOUT_MS", "999", ["reconciler", "products", "orders"]),
        ("RECONCILER_INTERVAL_MS", "999", ["reconciler"]),
    ]:
        before = shop.pids()
        settings[name] = value
        shop.up(**settings)
        assert (name, changed(before, shop.pids())) == (name, parts)
    pids = shop.pids()
    assert len(pids["products"]) == 1 + 1 and len(pids["orders"]) == 1 + 2


def test_a_new_program_restarts_its_pool_and_nothing_else(shop, checkout):
    with (checkout.build / "orders-worker").open("ab") as program:
        program.write(b"\0")
    before = shop.pids()
    shop.up(checkout)
    assert changed(before, shop.pids()) == ["orders"]


def test_another_nginx_configuration_is_reloaded(shop, checkout):
    def header():
        """The api would refuse a header that is not described."""
        with urlopen(f"http://127.0.0.1:{shop.port}/products") as answer:
            return answer.headers["X-Reloaded"]

    checkout.append("nginx/answer_headers.conf", "add_header X-Reloaded yes always;\n")
    before = shop.pids()
    assert header() is None

    shop.up(checkout)
    assert header() == "yes"
    after = shop.pids()
    assert changed(before, after) == ["nginx"]
    assert before["nginx"][0] == after["nginx"][0]


@pytest.mark.logs(r"\[emerg\].*client_max_body_sizes")
def test_a_broken_nginx_configuration_leaves_the_old_one_in_use(shop, checkout):
    checkout.append("nginx/limits.conf", "client_max_body_sizes 2m;\n")
    before = shop.pids()
    complaint = shop.run("up", checkout).complaint
    assert 'unknown directive "client_max_body_sizes"' in complaint and "limits.conf" in complaint

    assert shop.pids() == before
    assert shop.api("GET /health").status == 200
    shop.up()
    assert shop.pids() == before


def test_nginx_moves_to_another_port(shop):
    before = shop.pids()
    old = shop.port
    shop.port = free_port()
    shop.up()

    after = shop.pids()
    assert changed(before, after) == ["nginx"]
    assert before["nginx"][0] == after["nginx"][0]
    wait_for(lambda: not listens(old), f"nginx leaves port {old}")
