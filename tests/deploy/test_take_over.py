"""The Python shop's host becomes this shop's, with all its data. The tests are steps on one host, in this order."""

import shlex

import steps
from shop.samples import a_detail, a_product, an_order
from shop.stores import PYTHON_SHOP_TABLES

INVENTORY = "one-host"
ORDERS = 300
DATA = f"""
{PYTHON_SHOP_TABLES}
INSERT INTO orders (created_at, updated_at) SELECT now(), now() FROM generate_series(1, {ORDERS});
INSERT INTO order_details (order_id, product_id, price, quantity, created_at, updated_at)
  SELECT id, 'the_odyssey', id + 0.99, 2, now(), now() FROM orders;
"""
SERVICE = """
[Service]
ExecStart=/usr/bin/sleep infinity
[Install]
WantedBy=multi-user.target
"""
SHIP = a_product(in_stock=-3)


def test_the_playbook_takes_the_python_shop_over(shop):
    be_the_python_shop(shop.app)
    shop.with_mitogen = True  # The tests of one host set up another one without it.
    steps.play(shop, "take-over.yml", shop_database="orders", take_over_services=["nameko-orders"])
    assert shop.app.ssh("systemctl is-enabled nameko-orders", check=False).stdout == "disabled\n"
    assert shop.app.ssh("systemctl is-active nameko-orders", check=False).stdout == "inactive\n"


def be_the_python_shop(host):
    """Debian's PostgreSQL and Redis, with their settings; and what Mitogen needs on a host."""
    host.ssh(
        "apt-get -q update && apt-get -q -y install --no-install-recommends postgresql-15 redis-server python3-apt"
    )
    host.ssh("runuser -u postgres -- createdb orders")
    host.ssh("runuser -u postgres -- psql -v ON_ERROR_STOP=1 orders", input=DATA)
    host.ssh(
        shlex.join(
            ["redis-cli", "HSET", "products:the_odyssey", *(str(each) for item in SHIP.items() for each in item)]
        )
    )
    host.ssh("cat >/etc/systemd/system/nameko-orders.service", input=SERVICE)
    host.ssh("systemctl enable --now nameko-orders")


def test_products_and_stock_are_as_they_were(shop):
    assert shop.ask("GET", "/products") == (200, [SHIP])


def test_the_orders_are_there(shop):
    status, orders = shop.ask("GET", "/orders?limit=1000")
    assert (status, len(orders)) == (200, ORDERS)
    assert [order["id"] for order in orders] == list(range(1, ORDERS + 1))
    details = orders[99]["order_details"]
    assert [(each["product_id"], each["price"], each["quantity"]) for each in details] == [("the_odyssey", "100.99", 2)]


def test_it_goes_on_with_the_next_order(shop):
    assert shop.ask("POST", "/orders", an_order(a_detail(quantity=4))) == (200, {"id": ORDERS + 1})
    assert shop.ask("GET", "/products/the_odyssey") == (200, SHIP | {"in_stock": -7})
