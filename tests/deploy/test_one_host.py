"""The shop on one host, from a bare root to its removal. The tests are steps on one host, in this order."""

import os
import subprocess

import pytest

import debs
import steps
from conftest import NEWER
from customers import Customers
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
