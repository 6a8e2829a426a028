"""ops/metrics.sh: after a known number of requests, the counters say exactly that."""

import json
import os
import re
import shutil
import signal
import socket
import time
from bisect import bisect_left
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from metrics_files import REQUESTS, grown, read
from shop.client import Client
from shop.full_queue import full_queue, queue_length
from shop.samples import a_detail, an_order, make_order, make_product
from shop.stack import ROOT, has_ended, run, wait_for
from shop.stores import Postgres, full_redis

DURATION = "shop_http_request_duration_seconds"
HEALTH = "GET /health"  # It is asked while something is down.


def order_of_a_product(shop):
    make_product(Client(shop.port))
    return make_order(Client(shop.port))


def test_requests_by_route_method_status_and_cache(shop, metrics):
    api = Client(shop.port)
    make_product(api)
    order_id = make_order(api)
    before = metrics.collect()
    sent = Counter()

    def ask(times, request, route, body=None):
        for _ in range(times):
            answer = api(request, body)
            cache = answer.headers.get("X-Cache", "")
            sent[route, request.split()[0], str(answer.status), "" if cache == "BYPASS" else cache] += 1

    ask(7, "GET /products/the_odyssey", "/products/{id}")
    ask(3, "GET /products/none%2F%22here?x=/orders", "/products/{id}")
    ask(2, "HEAD /products/", "/products")
    ask(5, "POST /orders", "/orders", an_order(a_detail()))
    ask(1, "POST /orders", "/orders", b"{")
    ask(30, "GET /orders?limit=1", "/orders")
    ask(2, "GET /orders?li%6Dit=1", "/orders")
    ask(4, f"GET /orders/{order_id}", "/orders/{id}")
    ask(1, "GET /orders/1/2", "other")
    ask(2, "GET /docs", "/docs")
    ask(2, "DELETE /products/the_odyssey", "/products/{id}")
    api.raw(b"BREW /orders HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
    sent["/orders", "other", "405", ""] += 1
    api.raw(b"\x16\x03\x01 nonsense\r\n\r\n")
    sent["unreadable", "other", "400", ""] += 1

    after = metrics.collect()
    assert grown(before, after, REQUESTS) == dict(sent)
    routes = Counter()
    for labels, times in sent.items():
        routes[labels[:1]] += times
    assert grown(before, after, f"{DURATION}_count") == dict(routes)
    assert sent["/orders", "GET", "200", "HIT"] > 0 and sent["/orders", "GET", "200", "MISS"] > 0
    again = metrics.collect()
    assert grown(after, again, REQUESTS) == {}


@contextmanager
def held(shop, part):
    """A request that has been sent, and that nobody answers as long as the part is frozen. Yields how long it took."""
    took = []

    def ask():
        began = time.monotonic()
        assert Client(shop.port)("GET /products/the_odyssey").status in (200, 404)
        took.append(time.monotonic() - began)

    with ThreadPoolExecutor(1) as pool:
        with shop.frozen(part):
            answer = pool.submit(ask)
            yield took
        answer.result()


def buckets_of(route, before, after):
    """The upper ends of the histogram's buckets, and how many requests were within each since `before`."""
    grown_by = {key[2]: after[key] - before.get(key, 0) for key in after if key[:2] == (f"{DURATION}_bucket", route)}
    buckets = sorted((float(le), count) for le, count in grown_by.items())
    return [le for le, _ in buckets], [count for _, count in buckets]


def test_the_histogram_agrees_with_known_latencies(shop, metrics):
    before = metrics.collect()
    latencies = []
    for seconds in [0.15, 0.15, 0.15, 0.4, 0.4, 0.7]:
        with held(shop, "products") as took:
            time.sleep(seconds)
        latencies += took
    after = metrics.collect()
    bounds, counts = buckets_of("/products/{id}", before, after)
    assert bounds[0] == 0.00025 and bounds[-2:] == [15, float("inf")] and counts[-1] == len(latencies)
    for rank, latency in enumerate(sorted(latencies), 1):
        assert abs(bisect_left(counts, rank) - bisect_left(bounds, latency)) <= 1
    total = grown(before, after, f"{DURATION}_sum")[("/products/{id}",)]
    assert sum(latencies) - 0.5 < total < sum(latencies) + 0.05


@pytest.mark.parametrize(
    "request_time, upstream_status, worker_us, bucket",
    [
        ("0.000", "", "", 0.00025),
        ("0.000", "200", "250", 0.00025),
        ("0.000", "200", "251", 0.001),
        ("0.000", "200", "1001", 0.0025),
        ("0.000", "200", "", 0.001),  # The worker has not said it.
        ("0.001", "200", "250", 0.001),
        ("0.003", "200", "251", 0.005),
    ],
)
def test_the_buckets_of_short_requests(tmp_path, request_time, upstream_status, worker_us, bucket):
    (tmp_path / "log").write_text(
        '{"time":"","level":"info","part":"nginx","event":"request","route":"/orders","method":"GET","cache":"",'
        f'"status":200,"bytes":1,"request_time":{request_time},"upstream_time":"0.000",'
        f'"upstream_status":"{upstream_status}","worker_us":"{worker_us}","request_id":"","remote_addr":"","uri":""}}\n'
    )
    programs = [word for name in ("counters", "requests") for word in ("-f", ROOT / f"ops/prometheus/{name}.awk")]
    status, output = run("mawk", *map(str, programs), str(tmp_path / "log"))
    assert status == 0, output
    bounds, counts = buckets_of("/orders", {}, dict(read(output)))
    assert counts == [float(le >= bucket) for le in bounds]


def test_the_workers_time_agrees_with_a_clients(shop, metrics):
    """And what comes from nginx's memory takes next to nothing."""
    api = Client(shop.port)
    make_product(api)
    before = metrics.collect()
    took = {}
    for number in range(40):
        began = time.monotonic()
        answer = api("GET /products/the_odyssey", headers={"X-Request-ID": f"clock-{number}"})
        took[f"clock-{number}"] = (time.monotonic() - began) * 1e6, answer.headers["X-Cache"]
        assert "X-Took" not in answer.headers
    bounds, counts = buckets_of("/products/{id}", before, metrics.collect())
    log = map(json.loads, (shop.run_dir / "log/nginx-access.log").read_text().splitlines())
    by_worker = {line["request_id"]: line["worker_us"] for line in log if line["request_id"] in took}
    hits = [name for name, (_, cache) in took.items() if cache == "HIT"]
    assert hits and {by_worker.pop(name) for name in hits} == {""}
    assert by_worker and all(0 < int(us) <= took[name][0] for name, us in by_worker.items())
    assert bounds[0] == 0.00025 and counts[0] >= len(hits)


@pytest.mark.may_log("no answer in time", "Resource temporarily unavailable", "cannot reconcile: ")
def test_the_quantiles_agree_with_those_of_wrk(shop, metrics):
    """Of requests that wait for a frozen Redis: on a busy machine wrk itself may wait for longer than a fast one takes."""
    shop.make("up", REDIS_TIMEOUT_MS="1000")
    before = metrics.collect()
    url = f"http://127.0.0.1:{shop.port}/products/none"
    with shop.frozen("redis"):
        status, output = run("wrk", "-t1", "-c4", "-d5s", "--timeout=10s", "--latency", url)
    assert status == 0, output
    after = metrics.collect()
    bounds, counts = buckets_of("/products/{id}", before, after)
    assert counts[-1] >= 8
    units = {"us": 1e-6, "ms": 1e-3, "s": 1}
    quantiles = re.findall(r"^ +(50|90|99)% +([0-9.]+)(us|ms|s)\b", output, re.MULTILINE)
    assert len(quantiles) == 3, output
    for percent, number, unit in quantiles:
        by_wrk = bisect_left(bounds, float(number) * units[unit])
        assert abs(bisect_left(counts, counts[-1] * int(percent) / 100) - by_wrk) <= 1, (percent, number, unit)


@pytest.mark.logs("11: Resource temporarily unavailable.*GET /products/none")
def test_requests_that_find_the_queue_full(shop, metrics):
    before = metrics.collect()
    with shop.frozen("products"), full_queue(shop.run_dir / "products.sock"):
        for _ in range(3):
            assert Client(shop.port)("GET /products/none").status == 503
    # The metrics' own look at /health must not find the queue full, too.
    wait_for(lambda: queue_length(f"{shop.run_dir}/products.sock*") == 0, "the workers have emptied the queue")
    after = metrics.collect()
    assert grown(before, after, "shop_pool_full_total") == {("products",): 3}


def test_pools_at_rest(shop, metrics):
    with socket.create_connection(("127.0.0.1", shop.port)):
        seen = metrics.collect()
    assert seen["shop_http_connections",] >= 1
    for pool, workers in [("products", 2), ("orders", 3)]:
        assert seen["shop_pool_workers", pool] == workers
        assert seen["shop_pool_queue_length", pool] == seen["shop_pool_busy_workers", pool] == 0


@pytest.mark.may_log("503: .*postgres: ", HEALTH)
@pytest.mark.parametrize("command", ["up", "restart"])
def test_a_pool_at_work(shop, metrics, command):
    """Three workers serve a request, which waits for the test's lock; two requests wait for a worker."""
    shop.make(command)  # A pool that was put in the place of another one has made its socket under another name.
    order_id = order_of_a_product(shop)
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    session = Postgres(shop.run_dir / "postgres")
    session("BEGIN")
    session("LOCK TABLE order_details")
    with ThreadPoolExecutor(5) as pool:
        answers = [pool.submit(Client(shop.port), f"GET /orders/{order_id}") for _ in range(5)]
        wait_for(lambda: len(shop.postgres(waiting)) == 3, "three workers wait")
        with shop.frozen("orders"):
            seen = metrics.collect_now()
        session("ROLLBACK")
        assert {answer.result().status for answer in answers} <= {200, 503}
    session.close()
    assert (seen["shop_pool_busy_workers", "orders"], seen["shop_pool_queue_length", "orders"]) == (3, 2)


@pytest.mark.may_log("cannot reconcile: redis: ", HEALTH)
def test_a_frozen_redis_holds_up_nothing_else(shop, metrics):
    metrics.collect()
    with shop.frozen("redis"):
        status, output = metrics.run()
    assert (status, output) == (1, "metrics: Redis does not answer: \n")
    assert (metrics.folder / "pools.prom").exists() and not (metrics.folder / "stores.prom").exists()


@pytest.mark.logs("503: .*redis: ")
@pytest.mark.may_log("cannot reconcile: redis: ")
def test_store_errors(shop, metrics):
    api = Client(shop.port)
    before = metrics.collect()
    with shop.without("redis"):
        for _ in range(3):
            assert api("GET /products/the_odyssey").status == 503
    after = metrics.collect()
    assert grown(before, after, "shop_store_errors_total")[("products", "redis", "unavailable")] == 3
    assert grown(before, after, "shop_log_events_total")[("products", "request_failed")] == 3


def test_pending_movements_and_events(shop, metrics):
    api = Client(shop.port)
    make_product(api)
    make_order(api)
    quiet = wait_for(lambda: (seen := metrics.collect())["shop_movements_pending",] == 0 and seen, "it is confirmed")
    assert quiet["shop_movements_oldest_pending_seconds",] == 0
    assert quiet["shop_events",] == 1 and quiet["shop_events_bytes",] > 100
    ago = int((time.time() - 3600) * 1000)
    movement_id = f"{ago >> 16:08x}-{ago & 0xFFFF:04x}-7000-8000-000000000000"
    with shop.frozen("reconciler"):
        entry = {"time": ago, "take": [["the_odyssey", 0]], "give_back": []}
        shop.redis.hset("stock:pending", mapping={movement_id: json.dumps(entry), "junk": "{}"})
        planted = metrics.collect()
        shop.redis.delete("stock:pending")
    assert planted["shop_movements_pending",] == 2
    assert 3600 <= planted["shop_movements_oldest_pending_seconds",] < 3660


def states(seen):
    """{part: 1 if it is up}, and {store: 1 if it takes no writes}."""
    return [
        {key[1]: value for key, value in seen.items() if key[0] == name}
        for name in ("shop_part_up", "shop_store_read_only")
    ]


def test_parts_that_are_up(shop, metrics):
    seen = metrics.collect_now()
    parts, read_only = states(seen)
    assert parts == dict.fromkeys(["nginx", "products", "orders", "redis", "postgres"], 1)
    assert read_only == {"redis": 0, "postgres": 0} and seen["shop_reconcilers",] == 1


@pytest.mark.logs(HEALTH)
@pytest.mark.may_log("a store takes no writes: ")
def test_a_redis_that_takes_no_writes(shop, metrics):
    with full_redis(shop):
        parts, read_only = states(metrics.collect_now())
    assert (parts["redis"], read_only) == (1, {"redis": 1, "postgres": 0})


@pytest.mark.logs(HEALTH)
@pytest.mark.may_log("cannot reconcile: ")
def test_parts_that_are_down(shop, metrics):
    with shop.without("postgres"):
        parts, _ = states(metrics.collect_now())
    assert parts == {"nginx": 1, "products": 1, "orders": 1, "redis": 1, "postgres": 0}
    socket_path = shop.run_dir / "nginx/run/health.sock"
    aside = socket_path.rename(socket_path.with_suffix(".aside"))
    try:
        parts, read_only = states(metrics.collect_now())
    finally:
        aside.rename(socket_path)
    assert (parts, read_only) == ({"nginx": 0}, {})


@pytest.mark.ends_workers
def test_a_reconciler_that_is_not_there(shop, metrics):
    supervisor = shop.pid("reconciler")
    os.kill(supervisor, signal.SIGTERM)
    wait_for(lambda: has_ended(supervisor), "the reconciler ends")
    assert metrics.collect_now()["shop_reconcilers",] == 0


@pytest.mark.ends_workers
def test_old_rows_that_were_removed(shop, metrics):
    """A reconciler purges when it starts, and then once a minute."""
    before = metrics.collect_now()
    values = ", ".join(f"('00000000-0000-7000-8000-00000000000{number}', 'cancelled')" for number in range(3))
    shop.postgres(f"INSERT INTO stock_movements (id, kind) VALUES {values}")
    (reconciler,) = shop.worker_pids("reconciler")
    os.kill(reconciler, signal.SIGTERM)
    log = shop.run_dir / "log/reconciler.log"
    wait_for(lambda: '"movements":3' in log.read_text(), "the next one has purged")
    assert grown(before, metrics.collect_now(), "shop_purged_rows_total") == {("movements",): 3}


def test_the_end_of_the_certificate(shop, metrics):
    """Of the file that an edge has in this place."""
    folder = shop.run_dir / "nginx/conf/tls"
    folder.mkdir()
    try:
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-subj", "/CN=shop", "-days", "10"]
        made = time.time()
        status, output = run(*command, "-keyout", os.devnull, "-out", str(folder / "certificate.pem"))
        assert status == 0, output
        assert abs(metrics.collect_now()["shop_certificate_expiry_timestamp_seconds",] - made - 10 * 86400) < 60
        (folder / "certificate.pem").write_text("no certificate")
        status, output = metrics.run()
    finally:
        shutil.rmtree(folder)
    assert (status, output) == (1, "metrics: the certificate cannot be read\n")
    assert not (metrics.folder / "certificate.prom").exists()


@pytest.mark.logs("movement junk is broken")
def test_a_backup_and_an_audit_say_when(shop, metrics):
    began = int(time.time())
    environment = os.environ | {"RUN_DIR": str(shop.run_dir), "METRICS_FOLDER": str(metrics.folder)}
    for command in (["backup.sh", str(metrics.folder / "backup")], ["audit-stock"]):
        status, output = run(ROOT / "ops" / command[0], *command[1:], environment=environment)
        assert status == 0, output
    seen = metrics.collect_now()
    assert began <= seen["shop_backup_timestamp_seconds",] <= seen["shop_stock_audit_timestamp_seconds",] <= time.time()
    assert seen["shop_backup_bytes",] > 1000 and seen["shop_stock_audit_findings",] == 0
    shop.redis.hset("stock:pending", "junk", "{}")
    assert run(ROOT / "ops/audit-stock", environment=environment)[0] == 1
    assert metrics.collect_now()["shop_stock_audit_findings",] == 1
    log = shop.run_dir / "log/reconciler.log"
    wait_for(lambda: "movement junk is broken" in log.read_text(), "the reconciler sees it")
    assert (metrics.folder / "backup.prom").stat().st_mode & 0o777 == 0o644
