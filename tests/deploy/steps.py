"""What the tests of one host and of several do alike."""

import json
import os
import socket
import subprocess
from pathlib import Path

import debs
import monitoring
from conftest import NEWER
from customers import Customers
from deployment import CUSTOMER, VISITOR
from shop.load import ask
from shop.samples import a_product, an_order
from shop.stack import READ, ROOT, wait_for

WITHOUT_WORKERS, WITHOUT_NGINX = "999.2", "999.3"

NO_DIFFERENCE = "audit-stock: 0 orders differ, 0 repaired, 0 findings left"
# The files of the programs that run. One that was replaced has "(deleted)" behind its name.
RUNNING = "for pid in $(pgrep -x 'products-worker|orders-worker|orders-reconcil'); do readlink /proc/$pid/exe; done"
COUNT_ORDERS = "runuser -u postgres -- psql -At airship -c 'SELECT count(*) FROM orders'"
# Of cgroups' version 1 or 2.
MEMORY_LIMIT = """
group=$(systemctl show --property=ControlGroup --value airship-shop-orders@1)
cat /sys/fs/cgroup/memory$group/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup$group/memory.max
"""
HEALTH = "REQUEST_METHOD=GET REQUEST_URI=/health cgi-fcgi -bind -connect {address}:{port}"
INSTALLED = "dpkg-query --show --showformat='${Package} ${Version}\\n' 'airship-shop*'"
LISTENING = "ss --no-header --listening --tcp --numeric | awk '{ print $4 }'"
# What a client may do: no key, a key that may read products, one that may do all.
REQUESTS_BY_KEY = [
    (None, "GET /products/the_odyssey", 401),
    (None, "GET /orders", 401),
    (None, "GET /health", 200),
    (VISITOR, "GET /products?limit=1", 200),
    (VISITOR, "GET /orders", 403),
    (VISITOR, "DELETE /products/the_odyssey", 403),
    (CUSTOMER, "GET /orders", 200),
]
# A unit that is only named by another one, such as HAProxy's, is not found and inactive.
UNITS = """systemctl list-units --all --plain --no-legend 'airship-shop*' |
  awk '$2 != "not-found" || $3 != "inactive" { print $1 }'"""
# A purge removes what the packages have brought. These are the operator's, as are the stores.
WRITTEN_BY_ANSIBLE = ("/etc/airship-shop/", "/etc/systemd/", "/etc/redis/", "/etc/postgresql", "/etc/prometheus/")
WRITTEN_BY_ANSIBLE += ("/etc/airship-shop-haproxy/", "/etc/nftables-airship-shop.conf")
UNITS_OF_ANSIBLE = {"airship-shop-haproxy.service", "airship-shop-firewall.service"}


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


def smoke_test(shop):
    command = [ROOT / "tests/smoke/nex-smoketest.sh", f"https://{shop.name}"]
    done = subprocess.run(command, env=os.environ | shop.curl_settings(), **READ)
    assert done.returncode == 0, done.stdout


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


def refuse_workers_that_exit(shop, packages):
    shop.lab.apt.publish(debs.other_version(packages, WITHOUT_WORKERS, debs.with_workers_that_exit))
    assert_refuses(shop, WITHOUT_WORKERS)


def refuse_a_wrong_configuration(shop, packages):
    shop.lab.apt.publish(debs.other_version(packages, WITHOUT_NGINX, debs.with_a_wrong_configuration))
    assert_refuses(shop, WITHOUT_NGINX)
    assert_refuses(shop, WITHOUT_NGINX)  # Again: it still names the version before.


def assert_refuses(shop, version):
    with Customers(shop) as customers:
        result = shop.play("upgrade.yml", shop_version=version)
        answered = customers.answered()
        wait_for(lambda: customers.answered() > answered + 200, "answers after the refusal")
    assert not result.succeeded
    assert f"upgrade.yml -e shop_version={NEWER}" in " ".join(result.output.split()), "it says how to go back"
    assert customers.failures() == {}


def wait_until_healthy(shop):
    wait_for(lambda: shop.ask("GET", "/health")[0] == 200, "the shop is healthy", seconds=60)


def ab_sees_no_failed_request(shop):
    assert shop.ask("POST", "/products", a_product())[0] == 200
    headers = ["-H", f"Host: {shop.name}", "-H", f"Authorization: Bearer {shop.keys[CUSTOMER]}"]
    url = f"https://{shop.edges[0]}/products/the_odyssey"
    report = subprocess.run(["ab", "-k", "-n", "20000", "-c", "64", *headers, url], **READ).stdout
    assert "Complete requests:      20000\nFailed requests:        0\n" in report and "Non-2xx" not in report, report


def lose_power_on_all_hosts(shop):
    """They come back by themselves, with all that was acknowledged."""
    with Customers(shop) as customers:
        wait_for(lambda: customers.answered() > 500, "answers before the power failure")
        for host in shop.lab:
            host.cut_power()
    shop.lab.boot()
    wait_until_healthy(shop)
    assert_books_are_right(shop, customers)


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
    assert installed(host)["airship-shop"] == version
    assert programs(host) == {"products-worker", "orders-worker", "orders-reconciler"}


def installed(host):
    """The version of each of the shop's packages."""
    return dict(line.split() for line in host.ssh(INSTALLED).stdout.splitlines())


def programs(host):
    """Those that run, by name."""
    return {Path(program).name for program in host.ssh(RUNNING).stdout.splitlines()}


def pools_serve(host):
    """Whether the pools of a host that other hosts reach answer, and reach their stores."""
    commands = [HEALTH.format(address=host.address, port=port) for port in (9001, 9002)]
    return all("Status: 200" in host.ssh(command, check=False).stdout for command in commands)


def assert_a_limit_is_in_force(host):
    assert host.ssh(MEMORY_LIMIT).stdout == f"{2**30}\n"


def assert_audit_trail_says_who_has_written(shop, edge):
    """`edge` is the host that takes the shop's requests first."""
    assert shop.ask("POST", "/products", a_product("seen"))[0] == 200
    line = json.loads(edge.ssh("tail -n 1 /var/log/airship-shop-edge/audit.log").stdout)
    assert (line["client"], line["method"], line["id"], line["outcome"]) == (CUSTOMER, "POST", "seen", "done")
    assert "\tmaxage 400\n" in edge.ssh("cat /etc/logrotate.d/airship-shop-edge").stdout


def assert_prometheus_reaches(host, **jobs):
    """How many targets each job has."""
    up = {(job, "up"): count for job, count in jobs.items()}
    monitoring.wait_for(lambda: monitoring.targets(host) == up, "all targets are up")
    for right in ("min(redis_up)", "min(pg_up)", "max(node_textfile_scrape_error) == bool 0"):
        assert monitoring.query(host, right) == {(): 1}, right


def open_ports(host):
    """Those on which a stranger in the network reaches something."""
    listening = host.ssh(LISTENING).stdout.split()
    return {port for port in {int(address.rpartition(":")[2]) for address in listening} if _accepts(host, port)}


def _accepts(host, port):
    try:
        socket.create_connection((str(host.address), port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def purge(shop, hosts, store):
    """The packages go from the hosts; the data on the store's host stay."""
    orders = store.ssh(COUNT_ORDERS).stdout
    for host in hosts:
        host.ssh("apt-get -q -y purge airship-shop airship-shop-edge")
        assert {*host.ssh(UNITS).stdout.split()} <= UNITS_OF_ANSIBLE
        assert host.ssh("pgrep -l 'worker|orders-|nginx'", check=False).stdout == ""
        assert [path for path in left_by_purge(host) if not path.startswith(WRITTEN_BY_ANSIBLE)] == []
    assert store.ssh(COUNT_ORDERS).stdout == orders != "0\n"
    assert store.ssh(shop.redis_cli("EXISTS", "products:the_odyssey")).stdout == "1\n"


def left_by_purge(host):
    return host.ssh("find / -xdev -path '*airship-shop*' ! -type d ! -path '/srv/apt/*'").stdout.split()
