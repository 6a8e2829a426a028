"""The shop on two edges, two application hosts and two hosts for the stores. The tests are steps on these, in this order."""

import time

import pytest

import debs
import steps
from conftest import NEWER
from customers import Customers
from shop.background import CLIENTS
from shop.stack import wait_for

INVENTORY = "several"
EDGES, APPS = ("edge1", "edge2"), ("app1", "app2")
LAG = "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn = pg_current_wal_lsn()"


def test_bare_hosts_become_a_shop_that_takes_an_order(shop):
    steps.play(shop, "site.yml")
    steps.place_an_order(shop)


def test_the_smoke_test_passes(shop):
    steps.smoke_test(shop)


def test_a_second_run_changes_nothing(shop):
    steps.nothing_changes(shop)


def test_check_mode_finds_nothing_to_change(shop):
    steps.nothing_changes(shop, "--check", "--diff")


@pytest.mark.parametrize("name", APPS)
def test_a_limit_of_a_service_is_in_force(shop, name):
    steps.assert_a_limit_is_in_force(shop.lab[name])


@pytest.mark.parametrize("client, request_line, status", steps.REQUESTS_BY_KEY)
def test_a_key_may_do_what_its_scopes_say(shop, client, request_line, status):
    assert shop.ask(*request_line.split(), client=client)[0] == status


def test_the_audit_trail_says_who_has_written(shop):
    steps.assert_audit_trail_says_who_has_written(shop, shop.lab["edge1"])


def test_prometheus_reaches_what_it_asks(shop):
    steps.assert_prometheus_reaches(shop.lab["monitor1"], shop=7, postgres=2, redis=2, haproxy=4)


def test_only_ssh_and_the_edges_are_open_to_strangers(shop):
    opened = {host.name: steps.open_ports(host) for host in shop.lab}
    assert opened == {name: {22, 80, 443} if name in EDGES else {22} for name in opened}


def test_ab_sees_no_failed_request(shop):
    steps.ab_sees_no_failed_request(shop)


def test_a_newer_version_is_rolled_out_under_load(shop, packages):
    shop.lab.apt.publish(debs.other_version(packages, NEWER))
    steps.roll(shop, NEWER)
    assert_run(shop, NEWER)


def test_workers_that_exit_are_refused_and_the_old_ones_serve_on(shop, packages):
    steps.refuse_workers_that_exit(shop, packages)
    first, second = (shop.lab[name] for name in APPS)
    assert {program.partition(" ")[2] for program in steps.programs(first)} == {"(deleted)"}
    steps.assert_runs(second, NEWER)
    assert each_serves(shop)
    steps.roll(shop, NEWER)
    assert_run(shop, NEWER)


def test_a_wrong_configuration_is_refused_and_the_old_one_serves_on(shop, packages):
    """The roll-back of all this is the next step."""
    steps.refuse_a_wrong_configuration(shop, packages)
    assert steps.installed(shop.lab["edge2"]) == {"airship-shop-edge": NEWER}
    assert each_serves(shop)


def test_it_is_rolled_back_under_load(shop, packages):
    steps.roll(shop, debs.version(packages))
    assert_run(shop, debs.version(packages))


def assert_run(shop, version):
    for name in APPS:
        steps.assert_runs(shop.lab[name], version)
    for name in EDGES:
        assert steps.installed(shop.lab[name]) == {"airship-shop-edge": version}


def each_serves(shop):
    """Each application host and each edge, whatever the others do."""
    healths = [shop.ask("GET", "/health", edges=[edge])[0] for edge in shop.edges]
    return healths == [200] * len(EDGES) and all(steps.pools_serve(shop.lab[name]) for name in APPS)


def test_all_comes_back_by_itself_after_a_power_failure_of_all_hosts(shop, packages):
    steps.lose_power_on_all_hosts(shop)
    wait_for(lambda: each_serves(shop), "each host serves")
    assert_run(shop, debs.version(packages))
    wait_until_replicas_have_all(shop)
    test_prometheus_reaches_what_it_asks(shop)


def test_a_lost_application_host_costs_only_what_was_in_flight_on_it(shop):
    customers, cut = lose_under_load(shop, shop.lab["app2"])
    assert all(sent < cut for sent, *_ in customers.failed), (cut, customers.failed)


def test_a_lost_edge_costs_only_what_was_in_flight_on_it(shop):
    """Also in flight is the request that a client sends on its connection to the edge before it notices. From then on the
    client uses the other edge."""
    lose_under_load(shop, shop.lab["edge1"])


def lose_under_load(shop, host):
    """Returns the customers, and when the host had gone. It is back in the end."""
    with Customers(shop) as customers:
        wait_for(lambda: customers.answered() > 500, "answers before")
        host.cut_power()
        cut, answered = time.monotonic(), customers.answered()
        wait_for(lambda: customers.answered() > answered + 2000, "answers after", seconds=60)
        host.boot()
        steps.wait_until_healthy(shop)
    print(f"{customers.outcomes.total()} requests, failed: {customers.failures()}")
    losers = [client for _, client, _ in customers.failed]
    assert len(losers) == len(set(losers)) <= CLIENTS, customers.failed
    steps.assert_books_are_right(shop, customers)
    return customers, cut


def test_the_replicas_take_over_by_hand_when_the_primary_is_lost(shop):
    primary, replica = shop.lab["store1"], shop.lab["store2"]
    with Customers(shop) as customers:
        wait_for(lambda: customers.answered() > 500, "answers before")
    wait_until_replicas_have_all(shop)
    primary.cut_power()
    replica.ssh("runuser -u postgres -- psql -c 'SELECT pg_promote()'")
    replica.ssh(shop.redis_cli("REPLICAOF", "NO", "ONE"))
    steps.wait_until_healthy(shop)
    for host in (shop.lab["app1"], shop.lab["app2"]):
        wait_for(
            lambda: host.ssh(f"ss -Htn state established dst {primary.address} dport = 5432").stdout == "",
            "no worker waits for the lost host",
        )
    steps.assert_books_are_right(shop, customers)
    with Customers(shop) as customers:
        wait_for(lambda: customers.answered() > 500, "answers after")
    assert customers.failures() == {}
    steps.assert_books_are_right(shop, customers)


def wait_until_replicas_have_all(shop):
    """`store1` is the primary, `store2` the replica."""
    primary, replica = shop.lab["store1"], shop.lab["store2"]
    lag = f"runuser -u postgres -- psql -Atc '{LAG}'"
    wait_for(lambda: primary.ssh(lag).stdout == "1\n", "PostgreSQL's replica has all")
    state = shop.redis_cli("INFO", "replication")
    wait_for(lambda: "master_link_status:up" in replica.ssh(state).stdout, "Redis' replica follows")


def test_a_run_after_that_changes_nothing(shop):
    steps.nothing_changes(shop, "--limit=!store1")


def test_a_purge_leaves_the_data_the_settings_and_the_secrets(shop):
    steps.purge(shop, [shop.lab[name] for name in EDGES + APPS], store=shop.lab["store2"])
    kept = {name: {path.rpartition("/")[2] for path in steps.left_by_purge(shop.lab[name])} for name in EDGES + APPS}
    assert all(kept[name] >= {"app.env", "pgpass-orders", "redis-products"} for name in APPS), kept
    assert all(kept[name] >= {"edge.env", "api-keys", "key.pem"} for name in EDGES), kept
