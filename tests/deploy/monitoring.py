"""What Prometheus and Alertmanager of a deployed host say. They listen on its loopback alone."""

import contextlib
import http.client
import time
from collections import Counter

from shop import load, stack

PROMETHEUS, ALERTMANAGER = 9090, 9093  # Their ports.
SECONDS = 90  # Some rounds of the timers and of Prometheus.
EDGE_MTIME = 'node_textfile_mtime_seconds{file=~".*edge.*/requests.prom"}'
REQUESTS = 'sum by (route, method, status) (shop_http_requests_total{route!="/health"})'
# systemd starts nothing more often than five times in ten seconds, unless it is told to forget.
COLLECT_POOLS = (
    "systemctl reset-failed airship-shop-metrics; systemctl start airship-shop-metrics"
    " && cat /var/lib/airship-shop-metrics/node-exporter/pools.prom"
)


def wait_for(condition, what, seconds=SECONDS):
    """What it waits for changes with the rounds of timers, so it looks once a second."""
    return stack.wait_for(lambda: condition() or time.sleep(1), what, seconds)


def ask(host, port, path):
    """Without ssh: that and a Python on the host take a hundred times the CPU, and the tests ask often."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with host.inside(), contextlib.closing(connection):
        status, answer = load.ask(connection, "GET", path)
    assert status == 200, answer
    return answer


def query(host, expression, *labels):
    """The value of each series that an expression has, by the values of these labels."""
    encoded = "".join(letter if letter.isalnum() else f"%{ord(letter):02x}" for letter in expression)
    result = ask(host, PROMETHEUS, f"/api/v1/query?query={encoded}")["data"]["result"]
    return {tuple(series["metric"][label] for label in labels): float(series["value"][1]) for series in result}


def targets(host):
    """How many of each job have which health."""
    active = ask(host, PROMETHEUS, "/api/v1/targets")["data"]["activeTargets"]
    return Counter((target["labels"]["job"], target["health"]) for target in active)


def alerts(host):
    """The names of those that Alertmanager has been told."""
    return {alert["labels"]["alertname"] for alert in ask(host, ALERTMANAGER, "/api/v2/alerts")}


def counted(host):
    """The requests that Prometheus has seen. nginx writes a line within a second, and the next run counts it."""
    written = time.time() + 2
    wait_for(lambda: query(host, EDGE_MTIME).get((), 0) > written, "they are counted")
    return query(host, REQUESTS, "route", "method", "status")
