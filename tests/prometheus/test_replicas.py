"""The alerts about replicas and failovers fire, on a shop whose stores have a replica each."""

import os
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest

from replicas import replicas_of
from shop.stack import children, stopped, wait_for

pytestmark = pytest.mark.may_log(".")
BOTH = {"postgres", "redis"}


@pytest.fixture(scope="module")
def replicas(stack, watch):
    with replicas_of(stack, watch) as both:
        yield both


def jobs(watch, name):
    """The stores about which the alert fires."""
    return {alert["labels"]["job"] for alert in watch.alerts() if alert["labels"]["alertname"] == name}


def wait_for_jobs(watch, name, expected):
    wait_for(lambda: jobs(watch, name) == expected, f"{name} fires for {expected}", 40)


def receiver(replica):
    """The process that gets the log from PostgreSQL's primary."""
    (pid,) = [pid for pid in children(replica.pid) if "walreceiver" in Path(f"/proc/{pid}/cmdline").read_text()]
    return pid


@contextmanager
def long_query(replica):
    """Reads a table all the time, so that the replica cannot take a change of it."""
    replica.client("BEGIN")
    replica.client("SELECT FROM order_details")
    try:
        yield
    finally:
        replica.client("ROLLBACK")


def write_a_lot(redis):
    for _ in range(70):
        redis.set("junk", os.urandom(512 * 1024).hex())
    redis.delete("junk")


def test_replicas_that_are_behind(stack, watch, replicas):
    """A query holds up PostgreSQL's, which may be a second behind here; Redis' does nothing."""
    postgres, redis = replicas
    watch.wait_until_silent("ShopReplicaBehind")
    with watch.limits(replica_age_limit_seconds=1), long_query(postgres), stopped(redis.pid):
        stack.postgres("TRUNCATE order_details")
        stack.postgres("INSERT INTO orders DEFAULT VALUES")
        write_a_lot(stack.redis)
        wait_for_jobs(watch, "ShopReplicaBehind", BOTH)
    wait_for_jobs(watch, "ShopReplicaBehind", set())


def test_replicas_that_are_cut_off(watch, replicas):
    """Redis' has lost its primary's address, and what gets the log of PostgreSQL hangs."""
    postgres, redis = replicas
    primary = redis.client.info("replication")
    wait_for_jobs(watch, "ShopReplicaAway", set())
    with stopped(receiver(postgres)):
        redis.client.replicaof("127.0.0.1", 1)
        wait_for_jobs(watch, "ShopReplicaAway", BOTH)
    redis.client.replicaof(primary["master_host"], primary["master_port"])
    wait_for_jobs(watch, "ShopReplicaAway", set())


def test_a_failover(stack, watch, replicas):
    """The primaries freeze, the replicas take over, and the old primaries come back. The last test: it ends replication."""
    postgres, redis = replicas
    with stack.frozen("postgres"), stack.frozen("redis"):
        assert not {name for name in watch.names() if name in ("ShopNoPrimary", "ShopFailover", "ShopTwoPrimaries")}
        wait_for_jobs(watch, "ShopNoPrimary", BOTH)
        postgres.client("SELECT pg_promote()")
        redis.client.replicaof("NO", "ONE")
        wait_for_jobs(watch, "ShopFailover", BOTH)
        wait_for_jobs(watch, "ShopNoPrimary", set())
        assert jobs(watch, "ShopTwoPrimaries") == set()
    wait_for_jobs(watch, "ShopTwoPrimaries", BOTH)
    os.kill(postgres.pid, signal.SIGINT)
    redis.client.shutdown(nosave=True)
    wait_for_jobs(watch, "ShopTwoPrimaries", set())
    stack.renew_workers()
