"""Each worker gets its settings and no other variables."""

from pathlib import Path

from shop.samples import a_detail, an_order, make_order, make_product, show_order
from shop.stack import wait_for

SETTINGS = {
    "STOCK_POLICY": "reject",
    "PRODUCT_IMAGE_ROOT": "https://cdn.example.com/a b/$HOME/'%41'",
    "EVENTS_MAXLEN": "7",
    "EVENTS_MAX_BYTES": "1048576",
    "LOG_LEVEL": "info",
    "REDIS_TIMEOUT_MS": "1500",
    "SLOW_REQUEST_MS": "700",
    "POSTGRES_TIMEOUT_MS": "2500",
    "LOCK_TIMEOUT_MS": "600",
}
# The settings of products-workers.
PRODUCTS = {"REDIS_ADDRESS", "REDIS_TIMEOUT_MS", "SLOW_REQUEST_MS", "LOG_LEVEL"}
ORDERS = PRODUCTS | set(
    "POSTGRES_CONNINFO POSTGRES_TIMEOUT_MS LOCK_TIMEOUT_MS STOCK_POLICY PRODUCT_IMAGE_ROOT EVENTS_MAXLEN EVENTS_MAX_BYTES".split()
)


def environment(pid):
    """The environment that the process was started with."""
    return dict(entry.split("=", 1) for entry in Path(f"/proc/{pid}/environ").read_text().split("\0") if entry)


def test_settings_reach_the_workers(shop):
    shop.up(**SETTINGS, SECRET="not for workers", LD_LIBRARY_PATH="/nowhere", PGHOST="elsewhere")
    for pool, names in [("products", PRODUCTS), ("orders", ORDERS)]:
        for pid in shop.pids()[pool][1:]:
            found = environment(pid)
            assert set(found) == names
            assert found == found | {name: value for name, value in SETTINGS.items() if name in names}


def test_settings_have_effects(shop):
    shop.up(**SETTINGS)
    api = shop.api
    make_product(api, in_stock=10)
    assert api("POST /orders", an_order(a_detail(quantity=11))).outcome == "409 INSUFFICIENT_STOCK"
    order_id = make_order(api)
    assert show_order(api, order_id)["order_details"][0]["image"] == SETTINGS["PRODUCT_IMAGE_ROOT"] + "/the_odyssey.jpg"
    wait_for(lambda: f"GET /orders/{order_id}" in shop.log("orders"), "the request is in the worker's log")


def test_a_setting_that_is_left_out_has_its_default_again(shop):
    shop.up(STOCK_POLICY="reject")
    shop.up()
    make_product(shop.api, in_stock=1)
    make_order(shop.api, a_detail(quantity=2))
