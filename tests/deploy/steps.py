"""What the tests of one host and of several do alike."""

import subprocess
from pathlib import Path

from customers import Customers
from shop.load import ask
from shop.samples import a_product, an_order
from shop.stack import READ, wait_for

NO_DIFFERENCE = "audit-stock: 0 orders differ, 0 repaired, 0 findings left"
# The files of the programs that run. One that was replaced has "(deleted)" behind its name.
RUNNING = "for pid in $(pgrep -x 'products-worker|orders-worker|orders-reconcil'); do readlink /proc/$pid/exe; done"


def play(shop, playbook, *options, **variables):
    result = shop.play(playbook, *options, **variables)
    assert result.succeeded, result.output[-6000:]
    return result


def place_an_order(shop):
    assert shop.ask("POST", "/products", a_product()) == (200, {"id": "the_odyssey"})
    status, order = shop.ask("POST", "/orders", an_order())
    assert status == 200, order
    status, shown = shop.ask("GET", f"/orders/{order['id']}")
    assert (status, shown["order_details"][0]["product"]["in_stock"]) == (200, 9)


def nothing_changes(shop, *options):
    result = play(shop, "site.yml", *options)
    assert result.changed == 0, result.output


def roll(shop, version):
    """The command for an upgrade, and for a roll-back. No request fails meanwhile."""
    with Customers(shop) as customers:
        wait_for(lambda: customers.answered() > 200, "answers before")
        play(shop, "upgrade.yml", shop_version=version)
        answered = customers.answered()
        wait_for(lambda: customers.answered() > answered + 200, "answers after")
    print(f"{customers.outcomes.total()} requests, failed: {customers.failures()}")
    assert customers.failures() == {}
    assert_books_are_right(shop, customers)


def wait_until_healthy(shop):
    wait_for(lambda: shop.ask("GET", "/health")[0] == 200, "the shop is healthy", seconds=60)


def ab(shop, path):
    url = f"https://{shop.edges[0]}{path}"
    headers = ["-H", f"Host: {shop.name}", "-H", f"Authorization: Bearer {shop.keys['customer']}"]
    done = subprocess.run(["ab", "-k", "-n", "20000", "-c", "64", *headers, url], **READ)
    assert done.returncode == 0, done.stdout
    return done.stdout


def assert_books_are_right(shop, customers):
    """Each acknowledged write is there, and both stores agree."""
    connection = shop.connection()
    wrong = {}
    for order_id, (quantity, _) in customers.acknowledged().items():
        if order_id not in customers.unsure:
            status, order = ask(connection, "GET", f"/orders/{order_id}")
            holds = sum(detail["quantity"] for detail in order["order_details"]) if status == 200 else 0
            if (status, holds) != (200 if quantity else 404, quantity):
                wrong[order_id] = (quantity, status, holds)
    connection.close()
    assert wrong == {}, "order: (acknowledged quantity, status, quantity there)"
    assert shop.app.ssh("airship-shop-audit-stock").stdout.splitlines()[-1] == NO_DIFFERENCE


def assert_runs(host, version):
    """All of the host, not only its files."""
    installed = host.ssh("dpkg-query --show --showformat='${Version} ' airship-shop").stdout.split()
    assert installed == [version]
    running = host.ssh(RUNNING).stdout.splitlines()
    assert {Path(program).name for program in running} == {"products-worker", "orders-worker", "orders-reconciler"}
