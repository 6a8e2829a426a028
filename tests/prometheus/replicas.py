"""A replica of each store, and the exporters that Prometheus asks about them."""

import os
import signal
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from shop.stack import ROOT, free_port, wait_for
from shop.stores import Postgres, redis_client

QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
REPLICATION = "local  replication  postgres  peer map=shop\n"


@dataclass
class Replica:
    """Of a store: the process, and a client of it."""

    pid: int
    client: object


@contextmanager
def background(*command, **options):
    with subprocess.Popen([str(word) for word in command], **QUIET, **options) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGINT)


def user_of(pid):
    """Its user and group, for subprocess."""
    status = os.stat(f"/proc/{pid}")
    return {"user": status.st_uid, "group": status.st_gid}


@contextmanager
def folder_of(user):
    with tempfile.TemporaryDirectory(prefix="shop-test-replica-") as folder:
        os.chown(folder, user["user"], user["group"])
        yield Path(folder)


@contextmanager
def replication_allowed(shop):
    """PostgreSQL sends its log to whoever may log in as postgres, and soon notices that nobody takes it."""
    hba = shop.run_dir / "conf/pg_hba.conf"
    before = hba.read_text()
    try:
        hba.write_text(before + REPLICATION)
        shop.postgres("ALTER SYSTEM SET wal_sender_timeout = '2s'")
        shop.postgres("SELECT pg_reload_conf()")
        yield
    finally:
        hba.write_text(before)
        shop.postgres("ALTER SYSTEM RESET ALL")
        shop.postgres("SELECT pg_reload_conf()")


@contextmanager
def postgres_replica(shop):
    primary, user = shop.run_dir / "postgres", user_of(shop.pid("postgres"))
    (binaries,) = shop.postgres("SELECT setting FROM pg_config WHERE name = 'BINDIR'")[0]
    with replication_allowed(shop), folder_of(user) as folder:
        data = folder / "data"
        copy = ["pg_basebackup", "-h", primary, "-U", "postgres", "-D", data, "-R", "--checkpoint=fast", "--no-sync"]
        copied = subprocess.run([str(word) for word in copy], **user, capture_output=True, text=True)
        assert copied.returncode == 0, copied.stderr
        settings = {"config_file": shop.run_dir / "conf/postgresql.conf", "unix_socket_directories": folder}
        settings |= {"data_directory": data, "shared_buffers": "32MB", "max_standby_streaming_delay": -1}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with background(f"{binaries}/postgres", "-D", data, *options, **user) as process:
            client = Postgres(folder)
            wait_for(lambda: is_streaming(shop), "PostgreSQL's replica gets the log")
            yield Replica(process.pid, client), folder
            client.close()


def is_streaming(shop):
    return shop.postgres("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'")


@contextmanager
def redis_port(shop):
    """Redis listens on the loopback interface, too: a replica cannot use a unix socket."""
    port = free_port()
    shop.redis.config_set("bind", "127.0.0.1")
    shop.redis.config_set("port", port)
    try:
        yield port
    finally:
        shop.redis.config_set("port", 0)


@contextmanager
def redis_replica(shop):
    with redis_port(shop) as port, tempfile.TemporaryDirectory(prefix="shop-test-replica-") as folder:
        socket = Path(folder) / "redis.sock"
        options = ["--port", 0, "--unixsocket", socket, "--dir", folder, "--save", "", "--replicaof", "127.0.0.1", port]
        with background("redis-server", *options) as process:
            client = redis_client(socket)
            wait_for(lambda: gets_writes(shop), "Redis' replica gets the writes")
            yield Replica(process.pid, client), socket
            client.close()


def gets_writes(shop):
    return shop.redis.info("replication").get("slave0", {}).get("state") == "online"


@contextmanager
def exporters(postgres_folder, redis_socket):
    """Yields their addresses."""
    addresses = {job: f"127.0.0.1:{free_port()}" for job in ("postgres", "redis")}
    login = f"host={postgres_folder} dbname=airship user=postgres connect_timeout=5"
    queries = ROOT / "ops/prometheus/postgres-queries.yml"
    with ExitStack() as started:
        command = ["prometheus-postgres-exporter", f"--extend.query-path={queries}"]
        command += [f"--web.listen-address={addresses['postgres']}"]
        started.enter_context(background(*command, env=os.environ | {"DATA_SOURCE_NAME": login}))
        command = ["prometheus-redis-exporter", f"-web.listen-address={addresses['redis']}", "-connection-timeout=3s"]
        started.enter_context(background(*command, env=os.environ | {"REDIS_ADDR": f"unix://{redis_socket}"}))
        yield addresses


@contextmanager
def replicas_of(shop, watch):
    """A replica of PostgreSQL and one of Redis, which Prometheus watches, for the `with` block."""
    with postgres_replica(shop) as (postgres, folder), redis_replica(shop) as (redis, socket):
        with exporters(folder, socket) as addresses, watch.also_scraping(**addresses):
            wait_for(lambda: len(watch.query("pg_replication_is_replica or redis_up == 1")) == 4, "all are seen")
            yield postgres, redis
