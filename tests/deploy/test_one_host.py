"""The shop on one host, from a bare root to its removal. The tests are steps on one host, in this order."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

import debs
import monitoring
import steps
from conftest import NEWER
from shop.stack import wait_for

INVENTORY = "one-host"


@pytest.fixture(scope="module")
def host(shop):
    return shop.app


def test_a_bare_host_becomes_a_shop_that_takes_an_order(shop):
    steps.play(shop, "site.yml")
    steps.place_an_order(shop)


def test_the_smoke_test_passes(shop):
    steps.smoke_test(shop)


def test_a_second_run_changes_nothing(shop):
    steps.nothing_changes(shop)


def test_check_mode_finds_nothing_to_change(shop):
    steps.nothing_changes(shop, "--check", "--diff")


def test_a_limit_of_a_service_is_in_force(host):
    steps.assert_a_limit_is_in_force(host)


@pytest.mark.parametrize("client, request_line, status", steps.REQUESTS_BY_KEY)
def test_a_key_may_do_what_its_scopes_say(shop, client, request_line, status):
    assert shop.ask(*request_line.split(), client=client)[0] == status


def test_the_audit_trail_says_who_has_written(shop, host):
    steps.assert_audit_trail_says_who_has_written(shop, host)


def test_prometheus_reaches_what_it_asks(host):
    """One host has no HAProxy."""
    steps.assert_prometheus_reaches(host, shop=1, postgres=1, redis=1)
    assert monitoring.query(host, "pg_replication_is_replica", "instance") == {("shop",): 0}


def test_nothing_of_it_listens_for_others(host):
    assert steps.open_ports(host) == {22, 80, 443}


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
        wait_for(lambda: not host.ssh("pgrep -x -r D,R,S orders-worker", check=False).stdout, "all have stopped")
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
    """After two minutes. A scrape that a busy machine misses begins them anew."""
    try:
        monitoring.wait_for(lambda: "ShopReconcilerDown" in monitoring.alerts(host), "it is told", seconds=480)
    finally:
        host.ssh("systemctl start airship-shop-reconciler")


def test_ab_sees_no_failed_request(shop):
    steps.ab_sees_no_failed_request(shop)


def test_a_newer_version_is_rolled_out_under_load(shop, host, packages):
    shop.lab.apt.publish(debs.other_version(packages, NEWER))
    steps.roll(shop, NEWER)
    steps.assert_runs(host, NEWER)


def test_workers_that_exit_are_refused_and_the_old_ones_serve_on(shop, host, packages):
    steps.refuse_workers_that_exit(shop, packages)
    steps.roll(shop, NEWER)
    steps.assert_runs(host, NEWER)


def test_a_wrong_configuration_is_refused_and_the_old_one_serves_on(shop, host, packages):
    steps.refuse_a_wrong_configuration(shop, packages)
    steps.roll(shop, debs.version(packages))
    steps.assert_runs(host, debs.version(packages))


def test_all_comes_back_by_itself_after_a_power_failure(shop):
    steps.lose_power_on_all_hosts(shop)


def test_a_purge_leaves_the_data_the_settings_and_the_secrets(shop, host):
    steps.purge(shop, [host], store=host)
    kept = {path.rpartition("/")[2] for path in steps.left_by_purge(host)}
    assert kept >= {"app.env", "pgpass-orders", "redis-products"}
