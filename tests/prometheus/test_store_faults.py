"""The alerts of a store that is about to fail fire with the fault that they are for."""

from contextlib import ExitStack, contextmanager

import pytest

from shop.stack import wait_for
from shop.stores import Postgres

pytestmark = pytest.mark.may_log(".")


@pytest.fixture
def shop(stack):
    """The stack. Each test leaves it as it was."""
    return stack


@contextmanager
def unwritable(folder):
    """Its owner cannot make files in it."""
    mode = folder.stat().st_mode
    folder.chmod(0o555)
    try:
        yield
    finally:
        folder.chmod(mode)


def save(redis, command, field):
    """Waits for the end of a save, whatever that is."""
    redis.execute_command(command)
    wait_for(lambda: not redis.info("persistence")[f"{field}_in_progress"], f"{command} ends")


@pytest.mark.parametrize("command, field", [("BGSAVE", "rdb_bgsave"), ("BGREWRITEAOF", "aof_rewrite")])
def test_a_redis_that_cannot_save(shop, watch, command, field):
    with watch.seen("ShopRedisSaveFails"), unwritable(shop.run_dir / "redis"):
        save(shop.redis, command, field)
    save(shop.redis, command, field)
    watch.wait_until_silent("ShopRedisSaveFails")


def test_connections_of_postgres_that_are_used_up(shop, watch):
    ((most,),) = shop.postgres("SHOW max_connections")
    with ExitStack() as held:
        with watch.seen("ShopPostgresConnections"):
            for _ in range(int(most) * 92 // 100):
                session = Postgres(shop.run_dir / "postgres")
                held.callback(session.close)
                session("SELECT")
    watch.wait_until_silent("ShopPostgresConnections")


@contextmanager
def small_log(postgres):
    """PostgreSQL keeps little of its write-ahead log."""
    for setting in "max_wal_size", "min_wal_size":
        postgres(f"ALTER SYSTEM SET {setting} = '8MB'")
    postgres("SELECT pg_reload_conf()")
    try:
        yield
    finally:
        postgres("ALTER SYSTEM RESET ALL")
        postgres("SELECT pg_reload_conf()")


def write_log(postgres, files):
    for _ in range(files):
        postgres("SELECT pg_logical_emit_message(false, 'junk', 'junk'), pg_switch_wal()")
    postgres("CHECKPOINT")


def test_a_slot_whose_replica_is_gone(shop, watch):
    """PostgreSQL keeps for it what it would remove."""
    with small_log(shop.postgres):
        write_log(shop.postgres, 8)
        wait_for(lambda: watch.query("pg_wal_size_bytes <= pg_settings_max_wal_size_bytes * 2"), "the log is small", 30)
        with watch.seen("ShopWalLarge", seconds=40):
            shop.postgres("SELECT pg_create_physical_replication_slot('gone', true)")
            write_log(shop.postgres, 8)
        shop.postgres("SELECT pg_drop_replication_slot('gone')")
        shop.postgres("CHECKPOINT")
        watch.wait_until_silent("ShopWalLarge")
