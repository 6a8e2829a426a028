"""The shop on two edges, two application hosts and two hosts for the stores. The tests are steps on these, in this order."""

import time

import debs
import steps
from conftest import NEWER
from customers import Customers
from shop.background import CLIENTS
from shop.stack import wait_for

INVENTORY = "several"
LAG = "SELECT count(*) FROM pg_stat_replication WHERE replay_lsn = pg_current_wal_lsn()"


def test_bare_hosts_become_a_shop_that_takes_an_order(shop):
    steps.play(shop, "site.yml")
    steps.place_an_order(shop)


def test_a_second_run_changes_nothing(shop):
    steps.nothing_changes(shop)


def test_check_mode_finds_nothing_to_change(shop):
    steps.nothing_changes(shop, "--check", "--diff")


def test_a_newer_version_is_rolled_out_under_load(shop, packages):
    shop.lab.apt.publish(debs.other_version(packages, NEWER))
    steps.roll(shop, NEWER)
    for name in ("app1", "app2"):
        steps.assert_runs(shop.lab[name], NEWER)


def test_it_is_rolled_back_under_load(shop, packages):
    steps.roll(shop, debs.version(packages))
    for name in ("app1", "app2"):
        steps.assert_runs(shop.lab[name], debs.version(packages))


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
    wait_for(
        lambda: primary.ssh(f"runuser -u postgres -- psql -Atc '{LAG}'").stdout == "1\n", "PostgreSQL's replica has all"
    )
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


def test_a_run_after_that_changes_nothing(shop):
    steps.nothing_changes(shop, "--limit=!store1")
