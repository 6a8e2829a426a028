"""The shop on one host, from a bare root to its removal. The tests are steps on one host, in this order."""

import json
import os
import re
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

import debs
import monitoring
import steps
from conftest import NEWER
from customers import Customers
from deployment import CUSTOMER, VISITOR
from shop.samples import a_product
from shop.stack import READ, ROOT, wait_for

INVENTORY = "one-host"
WITHOUT_WORKERS, WITHOUT_NGINX = "999.2", "999.3"
COUNT_ORDERS = "runuser -u postgres -- psql -At airship -c 'SELECT count(*) FROM orders'"
# Of cgroups' version 1 or 2.
MEMORY_LIMIT = """
group=$(systemctl show --property=ControlGroup --value airship-shop-orders@1)
cat /sys/fs/cgroup/memory$group/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup$group/memory.max
"""
# A purge removes what the packages have brought. These are the operator's, as are the stores.
WRITTEN_BY_ANSIBLE = ("/etc/airship-shop/", "/etc/systemd/", "/etc/redis/", "/etc/postgresql", "/etc/prometheus/")


@pytest.fixture(scope="module")
def host(shop):
    return shop.app


def test_a_bare_host_becomes_a_shop_that_takes_an_order(shop):
    steps.play(shop, "site.yml")
    steps.place_an_order(shop)


def test_the_smoke_test_passes(shop):
    command = [ROOT / "tests/smoke/nex-smoketest.sh", f"https://{shop.name}"]
    done = subprocess.run(command, env=os.environ | shop.curl_settings(), **READ)
    assert done.returncode == 0, done.stdout


def test_a_second_run_changes_nothing(shop):
    steps.nothing_changes(shop)


def test_check_mode_finds_nothing_to_change(shop):
    steps.nothing_changes(shop, "--check", "--diff")


def test_a_limit_of_a_service_is_in_force(host):
    assert host.ssh(MEMORY_LIMIT).stdout == f"{2**30}\n"


@pytest.mark.parametrize(
    "client, request_line, status",
    [
        (None, "GET /products/the_odyssey", 401),
        (None, "GET /orders", 401),
        (None, "GET /health", 200),
        (VISITOR, "GET /products?limit=1", 200),
        (VISITOR, "GET /orders", 403),
        (VISITOR, "DELETE /products/the_odyssey", 403),
        (CUSTOMER, "GET /orders", 200),
    ],
)
def test_a_key_may_do_what_its_scopes_say(shop, client, request_line, status):
    assert shop.ask(*request_line.split(), client=client)[0] == status


def test_the_audit_trail_says_who_has_written(shop, host):
    assert shop.ask("POST", "/products", a_product("seen"))[0] == 200
    line = json.loads(host.ssh("tail -n 1 /var/log/airship-shop-edge/audit.log").stdout)
    assert (line["client"], line["method"], line["id"], line["outcome"]) == (CUSTOMER, "POST", "seen", "done")
    assert "\tmaxage 400\n" in host.ssh("cat /etc/logrotate.d/airship-shop-edge").stdout


def test_prometheus_reaches_what_it_asks(host):
    """One host has no HAProxy."""
    up = {"shop": "up", "postgres": "up", "redis": "up"}
    monitoring.wait_for(lambda: monitoring.targets(host) == up, "all targets are up")
    for exporter in ("redis_up", "pg_up", "node_textfile_scrape_error == bool 0"):
        assert monitoring.query(host, exporter) == {(): 1}, exporter
    assert monitoring.query(host, "pg_replication_is_replica", "instance") == {("shop",): 0}


def test_nothing_of_it_listens_for_others(host):
    listening = host.ssh("ss --no-header --listening --tcp --numeric | awk '{ print $4 }'").stdout.split()
    ports = {address.rpartition(":")[2] for address in listening if not address.startswith("127.")}
    assert ports == {"22", "80", "443"}


def test_pools_reconciler_and_stores_are_as_they_are(shop, host):
    seen = partial(monitoring.query, host)
    monitoring.wait_for(lambda: seen("shop_reconcilers"), "the metrics are there")
    assert seen("shop_pool_workers", "pool") == {("products",): 8, ("orders",): 8}
    assert seen("shop_reconcilers") == {(): 1}
    assert seen("shop_movements_pending") == {(): 0}
    assert seen("shop_events") == {(): int(host.ssh(shop.redis_cli("XLEN", "orders:events")).stdout)} != {(): 0}
    parts = [(part,) for part in ("nginx", "products", "orders", "redis", "postgres")]
    assert seen("shop_part_up", "part") == dict.fromkeys(parts, 1)
    objectives = {(f"shop:{name}_objective",): value for name, value in [("availability", 0.9995), ("latency", 0.99)]}
    assert seen('{__name__=~"shop:.*_objective"}', "__name__") == objectives


def test_the_reconciler_ends_and_prometheus_sees_it(host):
    host.ssh("systemctl stop airship-shop-reconciler")
    monitoring.wait_for(lambda: monitoring.query(host, "shop_reconcilers") == {(): 0}, "there is none")


def test_requests_are_counted(shop, host):
    """Also across a rotation of the log."""
    before = monitoring.counted(host)
    sent = Counter()
    for route, path, times in [("/products/{id}", "/products/seen", 7), ("/orders", "/orders?limit=1", 5)]:
        for _ in range(times):
            sent[route, "GET", str(shop.ask("GET", path)[0])] += 1
    host.ssh("logrotate --force /etc/logrotate.d/airship-shop-edge")
    for _ in range(3):
        sent["/orders/{id}", "GET", str(shop.ask("GET", "/orders/999")[0])] += 1
    after = monitoring.counted(host)
    assert {key: after[key] - before.get(key, 0) for key in after if after[key] != before.get(key, 0)} == sent


def test_requests_that_wait_are_seen(shop, host):
    host.ssh("systemctl stop airship-shop-edge-metrics.timer")  # It asks for the health, and that would wait, too.
    try:
        host.ssh("pkill -STOP -x orders-worker")
        with ThreadPoolExecutor(3) as clients:
            answers = [clients.submit(shop.ask, "GET", "/orders/999") for _ in range(3)]
            wait_for(lambda: waiting(host) == "3", "three requests wait")
            host.ssh("pkill -CONT -x orders-worker")
        assert [answer.result()[0] for answer in answers] == [404] * 3
    finally:
        host.ssh("pkill -CONT -x orders-worker; systemctl start airship-shop-edge-metrics.timer")
    assert waiting(host) == "0"


def waiting(host):
    return re.search(r'shop_pool_queue_length{pool="orders"} (\d+)', host.ssh(monitoring.COLLECT_POOLS).stdout)[1]


def test_the_metrics_users_may_do_nothing_else(shop, host):
    for command in ("GET products:seen", "HGETALL products:seen", "CONFIG GET requirepass", "DEL stock:pending"):
        assert "NOPERM" in host.ssh(shop.redis_cli(command, user="metrics"), check=False).stdout, command
    role = "SELECT rolsuper, ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = oid) FROM pg_roles"
    command = f"runuser -u postgres -- psql -AtXc \"{role} WHERE rolname = 'metrics'\""
    assert host.ssh(command).stdout == "f|{pg_monitor}\n"


def test_the_alert_reaches_alertmanager(host):
    try:
        monitoring.wait_for(lambda: "ShopReconcilerDown" in monitoring.alerts(host), "it is told", seconds=240)
    finally:
        host.ssh("systemctl start airship-shop-reconciler")


def test_ab_sees_no_failed_request(shop):
    assert shop.ask("POST", "/products", a_product())[0] == 200
    report = steps.ab(shop, "/products/the_odyssey")
    assert "Complete requests:      20000\nFailed requests:        0\n" in report and "Non-2xx" not in report, report


def test_a_newer_version_is_rolled_out_under_load(shop, host, packages):
    shop.lab.apt.publish(debs.other_version(packages, NEWER))
    steps.roll(shop, NEWER)
    steps.assert_runs(host, NEWER)


def test_workers_that_exit_are_refused_and_the_old_ones_serve_on(shop, host, packages):
    shop.lab.apt.publish(debs.other_version(packages, WITHOUT_WORKERS, debs.with_workers_that_exit))
    assert_refuses(shop, WITHOUT_WORKERS)
    steps.roll(shop, NEWER)
    steps.assert_runs(host, NEWER)


def test_a_wrong_configuration_is_refused_and_the_old_one_serves_on(shop, host, packages):
    shop.lab.apt.publish(debs.other_version(packages, WITHOUT_NGINX, debs.with_a_wrong_configuration))
    assert_refuses(shop, WITHOUT_NGINX)
    assert_refuses(shop, WITHOUT_NGINX)  # Again: it still names the version before.
    steps.roll(shop, debs.version(packages))
    steps.assert_runs(host, debs.version(packages))


def assert_refuses(shop, version):
    with Customers(shop) as customers:
        result = shop.play("upgrade.yml", shop_version=version)
        answered = customers.answered()
        wait_for(lambda: customers.answered() > answered + 200, "answers after the refusal")
    assert not result.succeeded
    assert f"upgrade.yml -e shop_version={NEWER}" in " ".join(result.output.split()), "it says how to go back"
    assert customers.failures() == {}


def test_all_comes_back_by_itself_after_a_power_failure(shop, host):
    with Customers(shop) as customers:
        wait_for(lambda: customers.answered() > 500, "answers before the power failure")
        host.cut_power()
    host.boot()
    steps.wait_until_healthy(shop)
    steps.assert_books_are_right(shop, customers)


def test_a_purge_leaves_the_data_the_settings_and_the_secrets(shop, host):
    orders = host.ssh(COUNT_ORDERS).stdout
    host.ssh("apt-get -q -y purge airship-shop airship-shop-edge")
    assert host.ssh("systemctl list-units --all --plain --no-legend 'airship-shop*'").stdout == ""
    assert host.ssh("pgrep -l 'worker|orders-|nginx'", check=False).stdout == ""
    assert host.ssh(COUNT_ORDERS).stdout == orders != "0\n"
    assert host.ssh(f"{shop.redis_cli('EXISTS', 'products:the_odyssey')}").stdout == "1\n"
    left = host.ssh("find / -xdev -path '*airship-shop*' ! -type d ! -path '/srv/apt/*'").stdout.split()
    assert {path for path in left if not path.startswith(WRITTEN_BY_ANSIBLE)} == set()
    assert {path.rpartition("/")[2] for path in left} >= {"app.env", "pgpass-orders", "redis-products"}
