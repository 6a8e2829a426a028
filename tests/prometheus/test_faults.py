"""Each alert fires with the fault that it is for, on a stack with real stores, and no other one does without it.

Prometheus has the rules of ops/prometheus/rules, with a second in place of each minute (watch.py). test_store_faults.py,
test_replicas.py and test_full_disk.py have the others.
"""

import json
import os
import shutil
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from shop.client import Client
from shop.full_queue import full_queue
from shop.samples import a_detail, an_order, make_product
from shop.stack import ROOT, has_ended, run, signal_tree, stopped, wait_for
from shop.stores import Postgres

# Each fault is logged, and asking for /health says so each time.
pytestmark = pytest.mark.may_log(".")

ERRORS = {"ShopErrorBudgetBurnsFast", "ShopErrorBudgetBurnsMedium", "ShopErrorBudgetBurnsSlow"}
WAITS = {"ShopLatencyBudgetBurnsFast", "ShopLatencyBudgetBurnsMedium", "ShopLatencyBudgetBurnsSlow"}


def operate(shop, watch, *command):
    environment = os.environ | {"RUN_DIR": str(shop.run_dir), "METRICS_FOLDER": str(watch.metrics)}
    return run(ROOT / "ops" / command[0], *map(str, command[1:]), environment=environment)


@contextmanager
def customers(port, *requests, count=4):
    """Clients that ask for the same all the time."""
    stopping = threading.Event()

    def ask(request):
        api = Client(port)
        while not stopping.wait(0.05):
            api(*request)

    with ThreadPoolExecutor(count * len(requests)) as pool:
        asking = [pool.submit(ask, request) for request in requests * count]
        try:
            yield
        finally:
            stopping.set()
    for one in asking:
        one.result()


@contextmanager
def mended(shop):
    """Starts what was stopped in the `with` block."""
    try:
        yield
    finally:
        shop.make("up")


@pytest.fixture
def shop(stack):
    """The stack. Each test leaves it as it was; most alerts go on for seconds."""
    return stack


def test_a_shop_without_a_backup(shop, watch, tmp_path):
    wait_for(lambda: watch.firing() == {"ShopBackupOld"}, "the missing backup is seen, and nothing else")
    assert operate(shop, watch, "backup.sh", tmp_path / "backup")[0] == 0
    assert operate(shop, watch, "audit-stock")[0] == 0
    wait_for(lambda: not watch.firing(), "no alert fires")


def test_a_backup_and_an_audit_that_nobody_makes_again(shop, watch, tmp_path):
    """The limit for their ages is ten seconds here."""

    def make_both(number):
        assert operate(shop, watch, "backup.sh", tmp_path / f"backup{number}")[0] == 0
        assert operate(shop, watch, "audit-stock")[0] == 0

    make_both(1)
    with watch.limits(backup_age_limit_seconds=10, audit_age_limit_seconds=10):
        with watch.seen("ShopBackupOld", "ShopAuditOld"):
            wait_for(lambda: watch.query("shop:audit_age_limit_seconds == 10"), "the limit is seen")
        make_both(2)
        watch.wait_until_silent("ShopBackupOld", "ShopAuditOld", seconds=8)


def test_a_pool_that_was_stopped(shop, watch):
    with customers(shop.port, ("GET /orders?limit=1",), ("GET /products?limit=1",), count=1):
        with mended(shop), watch.seen("ShopPoolDown", *ERRORS):
            os.kill(shop.pid("orders"), signal.SIGTERM)


def test_a_killed_nginx(shop, watch):
    with mended(shop), watch.seen("ShopNginxDown"):
        signal_tree(shop.pid("nginx"), signal.SIGKILL)
    watch.wait_until_silent("ShopNginxDown")


def test_slow_statements(shop, watch):
    """Another session locks a table for 0.6 s, again and again."""
    make_product(Client(shop.port))
    session = Postgres(shop.run_dir / "postgres")

    def seen():
        session("BEGIN")
        session("LOCK TABLE order_details")
        time.sleep(0.4)  # The fault itself: a lock that is held. watch.names() adds 0.2 s.
        names = watch.names()
        session("COMMIT")
        return names & WAITS

    with customers(shop.port, ("POST /orders", an_order(a_detail()))):
        assert not seen()
        wait_for(lambda: seen() == WAITS, "the slow statements are seen", 30)
    session.close()


def test_metrics_that_stay_away(shop, watch):
    """The exporter of Redis and metrics.sh hang, and a file is gone."""
    with stopped(watch.child("redis-exporter")), stopped(watch.child("dashboard.sh")):
        with watch.seen("ShopScrapeFails", "ShopMetricsOld", "ShopMetricsMissing"):
            (watch.metrics / "reconcilers.prom").unlink(missing_ok=True)


def test_a_queue(shop, watch):
    with shop.frozen("products"), watch.seen("ShopPoolQueue", "ShopPoolFull"):
        with full_queue(shop.run_dir / "products.sock"):
            assert Client(shop.port)("GET /products/none").status == 503
            wait_for(lambda: "ShopPoolQueue" in watch.firing(), "the queue is seen")


def test_a_full_redis(shop, watch):
    """Another program fills it with events."""
    for _ in range(200):
        shop.redis.xadd("orders:events", {"junk": "x" * 100_000})
    try:
        with watch.seen("ShopStoreReadOnly", "ShopRedisMemory", "ShopEventsLarge"):
            shop.redis.config_set("maxmemory", int(shop.redis.info("memory")["used_memory"] * 0.9))
    finally:
        shop.redis.config_set("maxmemory", "1gb")
        shop.redis.delete("orders:events")


def test_frozen_stores(shop, watch):
    def down():
        alerts = [alert["labels"] for alert in watch.alerts() if alert["labels"]["alertname"] == "ShopStoreDown"]
        return {labels.get("part") for labels in alerts}

    assert not down()
    with shop.frozen("redis"), shop.frozen("postgres"):
        wait_for(lambda: down() >= {"redis", "postgres"}, "both stores are seen to be down", 40)
    shop.renew_workers()


def stop_reconciler(shop):
    pid = shop.pid("reconciler")
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: has_ended(pid), "the reconciler ends")


def plant_notes(shop):
    """One that the reconciler cannot finish; and one that is an hour old, when there is no reconciler any more."""
    shop.redis.hset("stock:pending", "junk", "{}")
    log = shop.run_dir / "log/reconciler.log"
    wait_for(lambda: "movement junk is broken" in log.read_text(), "the reconciler sees it")
    stop_reconciler(shop)
    ago = int((time.time() - 3600) * 1000)
    entry = {"time": ago, "take": [["the_odyssey", 0]], "give_back": []}
    shop.redis.hset("stock:pending", f"{ago >> 16:08x}-{ago & 0xFFFF:04x}-7000-8000-000000000000", json.dumps(entry))


@contextmanager
def certificate_of_a_day(shop):
    """In the place where an edge has the one that it serves."""
    folder = shop.run_dir / "nginx/conf/tls"
    folder.mkdir()
    try:
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-subj", "/CN=shop", "-days", "1"]
        status, output = run(*command, "-keyout", os.devnull, "-out", str(folder / "certificate.pem"))
        assert status == 0, output
        yield
    finally:
        shutil.rmtree(folder)


def test_notes_a_reconciler_and_a_certificate(shop, watch):
    faults = "ShopMovementBroken", "ShopMovementsOld", "ShopReconcilerDown", "ShopStockDiffers", "ShopCertificateEnds"
    shop.wipe()  # Nothing is left of what other tests did to the stream.
    with certificate_of_a_day(shop), watch.seen(*faults):
        plant_notes(shop)
        assert operate(shop, watch, "audit-stock")[0] == 1
        wait_for(lambda: watch.firing() == set(faults), f"these fire and no other one: {faults}", 40)
    shop.redis.delete("stock:pending")
    assert operate(shop, watch, "audit-stock")[0] == 0
    shop.make("up")
    (watch.metrics / "certificate.prom").unlink(missing_ok=True)
    wait_for(lambda: watch.firing() <= {"ShopMovementBroken"}, "all is well; that one looks back for an hour", 40)
