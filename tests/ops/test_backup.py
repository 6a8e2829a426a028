"""ops/backup.sh and ops/restore.sh: both stores at the same moment, taken while the shop works."""

import json
import os
import pwd
from contextlib import suppress
from pathlib import Path

import pytest

from backups import back_up, ops, restore, write_sums
from shop.dev_stack import all_pids, command_name, current_folder
from shop.load import Load, PRODUCTS, quantities, wrong_stocks
from shop.background import Background
from shop.client import Client
from shop.samples import a_detail, make_order, make_product
from shop.stack import wait_for
from shop.stores import movement_id

BACKUPS = 3
REDIS_TIMEOUT_MS = 1000


def test_backups_under_load_are_complete_and_fit(shop, tmp_path):
    backups = []
    with Load(shop.port) as load:
        for number in range(BACKUPS):
            answered = load.answered()
            wait_for(lambda: load.answered() > answered + 200, "orders to back up")
            before = load.acknowledged()
            backups.append((tmp_path / str(number), before, back_up(shop, tmp_path / str(number))))
    assert load.failures() == {}
    for folder, before, paused in backups:
        shop.wipe()
        pending = restore_and_count_pending(shop, folder)
        print(f"writes waited for {paused} ms; {len(before)} orders, {pending} pending movements")
        assert paused < REDIS_TIMEOUT_MS / 2
        assert wrong_stocks(shop) == {}
        restored = quantities(shop)
        untouched = {order: known[0] for order, known in before.items() if load.orders[order] == known}
        assert untouched and {order: restored.get(order, 0) for order in untouched} == untouched
    shop.close()
    shop.make("down")
    shop.make("up")
    assert wrong_stocks(shop) == {}, "the restored products outlive a restart"


def restore_and_count_pending(shop, folder):
    with shop.frozen("reconciler"):
        assert ops(shop, "restore", folder) == (0, f"restored from {folder}")
        pending = shop.redis.hlen("stock:pending")
    wait_for(lambda: not shop.redis.exists("stock:pending"), "the reconciler finishes the pending movements")
    return pending


def test_pending_movements_are_finished_after_the_restore(shop, tmp_path):
    make_product(Client(shop.port), PRODUCTS[0], in_stock=10)
    order_id = make_order(Client(shop.port), a_detail(PRODUCTS[0], quantity=3))
    with shop.frozen("reconciler"):
        # Workers that end after reserve and after record leave such entries.
        unrecorded, recorded = movement_id(1), movement_id(2)
        for pending, quantity in ((unrecorded, 2), (recorded, 4)):
            movement = {"take": [[PRODUCTS[0], quantity]], "give_back": [], "time": 1}
            shop.redis.hset("stock:pending", pending, json.dumps(movement))
            shop.redis.hincrby(f"products:{PRODUCTS[0]}", "in_stock", -quantity)
        shop.postgres(f"INSERT INTO stock_movements (id, order_id, kind) VALUES ('{recorded}', {order_id}, 'updated')")
        back_up(shop, tmp_path / "backup")
    shop.wipe()
    restore(shop, tmp_path / "backup")
    assert shop.redis.hget(f"products:{PRODUCTS[0]}", "in_stock") == "3"  # 10 − 3 − 4
    assert [row[0] for row in shop.postgres("SELECT kind FROM stock_movements ORDER BY created_at, kind")] == [
        "created",
        "updated",
        "cancelled",
    ]


def test_a_shop_with_data_is_not_restored_over(shop, tmp_path):
    make_product(Client(shop.port), "ship")
    back_up(shop, tmp_path / "backup")
    before = shop.fingerprint()
    assert ops(shop, "restore", tmp_path / "backup") == (1, "restore: Redis is not empty: it has 2 keys")
    assert shop.fingerprint() == before
    shop.redis.flushall()
    shop.postgres("INSERT INTO orders DEFAULT VALUES")
    before = shop.fingerprint()
    assert ops(shop, "restore", tmp_path / "backup") == (1, "restore: PostgreSQL is not empty: there are orders")
    assert shop.fingerprint() == before


@pytest.mark.parametrize("file", ["redis.rdb", "postgres.dump"])
def test_a_damaged_backup_is_refused(shop, tmp_path, file):
    back_up(shop, tmp_path / "backup")
    path = tmp_path / "backup" / file
    path.write_bytes(path.read_bytes()[:-1])
    before = shop.fingerprint()
    status, said = ops(shop, "restore", tmp_path / "backup")
    assert status == 1 and said.endswith(f"restore: not a complete backup: {tmp_path}/backup")
    assert shop.fingerprint() == before


def test_one_backup_runs_at_a_time_and_overwrites_no_other(shop, tmp_path):
    shop.postgres("SELECT pg_advisory_lock(7203047)")
    assert ops(shop, "backup", tmp_path / "backup") == (1, "backup: another backup is under way")
    shop.postgres("SELECT pg_advisory_unlock(7203047)")
    assert list(tmp_path.iterdir()) == []
    back_up(shop, tmp_path / "backup")
    assert ops(shop, "backup", tmp_path / "backup") == (1, f"backup: exists already: {tmp_path}/backup")


def test_only_the_operator_can_read_a_backup(shop, tmp_path):
    back_up(shop, tmp_path / "backup")
    for path in [tmp_path / "backup", *(tmp_path / "backup").iterdir()]:
        assert path.stat().st_mode & 0o077 == 0


@pytest.mark.may_log("cannot reconcile: ")  # The reconciler looks once a second.
def test_while_postgres_is_frozen_there_is_no_backup(shop, tmp_path):
    with shop.frozen("postgres"):
        outcome = ops(shop, "backup", tmp_path / "backup")
    socket = shop.run_dir / "postgres/.s.PGSQL.5432"
    error = f'connection to server on socket "{socket}" failed: timeout expired'
    assert outcome == (1, f"backup: PostgreSQL: psql: error: {error}")
    assert list(tmp_path.iterdir()) == []
    assert Client(shop.port)("GET /health").status == 200


def test_no_link_in_the_folder_of_redis_is_followed_or_removed(shop, tmp_path):
    """Redis's user can put anything there, and the backup may be root's."""
    secret, folder = tmp_path / "secret", shop.run_dir / "redis"
    secret.write_text("for root only")
    make_product(Client(shop.port), "ship")

    def plant():
        """Replaces the snapshot by a link, again and again."""
        while not planting.stopping.is_set():
            (folder / "link").symlink_to(secret)
            (folder / "link").rename(folder / "dump.rdb")

    planting = Background([plant])
    try:
        with planting:
            back_up(shop, tmp_path / "backup")
        assert (tmp_path / "backup/redis.rdb").read_bytes().startswith(b"REDIS")
        assert (folder / "dump.rdb").is_symlink() and secret.read_text() == "for root only"
    finally:
        (folder / "dump.rdb").unlink(missing_ok=True)
    shop.wipe()
    restore(shop, tmp_path / "backup")
    assert shop.redis.exists("products:ship") == 1


def test_a_backup_leaves_redis_as_it_was(shop, tmp_path):
    def state():
        return shop.redis.config_get("repl-diskless-*"), sorted((shop.run_dir / "redis").iterdir())

    before = state()
    back_up(shop, tmp_path / "backup")
    assert state() == before


def assert_refused(shop, folder, why):
    before = shop.fingerprint()
    status, said = ops(shop, "restore", folder)
    assert status == 1 and said.splitlines()[-1].startswith("restore: ") and why in said, said
    assert shop.fingerprint() == before


def test_a_file_that_the_sums_do_not_name_is_refused(shop, tmp_path):
    folder = tmp_path / "backup"
    back_up(shop, folder)
    (folder / "redis.rdb").write_bytes((folder / "redis.rdb").read_bytes()[:-1])
    shop.wipe()
    write_sums(folder, "postgres.dump")
    assert_refused(shop, folder, "SHA256SUMS must list redis.rdb and postgres.dump, and nothing else")


@pytest.mark.parametrize(
    "names",
    [
        ["redis.rdb", "postgres.dump", "postgres.dump"],
        ["redis.rdb", "postgres.dump", "/etc/passwd"],
        ["redis.rdb", "../backup/postgres.dump"],
        ["./redis.rdb", "postgres.dump"],
    ],
    ids=" ".join,
)
def test_sums_of_other_files_are_refused(shop, tmp_path, names):
    folder = tmp_path / "backup"
    back_up(shop, folder)
    shop.wipe()
    write_sums(folder, *names)
    assert_refused(shop, folder, "SHA256SUMS must list redis.rdb and postgres.dump, and nothing else")


@pytest.mark.parametrize("name", ["redis.rdb", "postgres.dump", "SHA256SUMS"])
def test_a_link_is_no_part_of_a_backup(shop, tmp_path, name):
    folder = tmp_path / "backup"
    back_up(shop, folder)
    shop.wipe()
    (folder / name).rename(tmp_path / name)
    assert_refused(shop, folder, f"there is no file {folder}/{name}")
    (folder / name).symlink_to(tmp_path / name)
    assert_refused(shop, folder, f"{folder}/{name} is a link")


@pytest.mark.skipif(os.geteuid() != 0, reason="there is only one user")
def test_root_has_another_user_read_the_snapshot(shop, tmp_path):
    """The test watches that process all the time. It has no rights, and nothing of it is left."""
    for number in range(3000):
        shop.redis.hset(f"products:{number}", "title", "x" * 1000)
    back_up(shop, tmp_path / "backup")
    shop.wipe()
    readers = set()

    def watch():
        while not watching.stopping.is_set():
            for pid in all_pids():
                with suppress(OSError):  # The process has ended.
                    if current_folder(pid).startswith(f"{tmp_path}/") and command_name(pid) == "redis-server":
                        readers.add((pid, *status(pid, "Uid", "CapBnd", "NoNewPrivs")))

    watching = Background([watch])
    with watching:
        assert ops(shop, "restore", tmp_path / "backup", TMPDIR=str(tmp_path))[0] == 0
    uid = str(pwd.getpwnam("redis").pw_uid)
    assert {found[1:] for found in readers} == {(uid, "0000000000000000", "1")}
    assert not {pid for pid, *_ in readers} & set(all_pids())
    assert [path.name for path in tmp_path.iterdir()] == ["backup"]
    assert shop.redis.dbsize() == 3000


def status(pid, *names):
    """The first values of the lines with these names in /proc/<pid>/status."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return [fields[name].split()[0] for name in names]


def test_a_dump_cannot_do_more_than_the_owner_of_the_database(shop, tmp_path):
    """This dump runs a program when it is restored. The role that restores a dump runs all its commands."""
    trace = shop.run_dir / "postgres/trace"
    make_product(Client(shop.port), "ship")
    make_order(Client(shop.port), a_detail("ship"))
    shop.postgres(
        f"""
        CREATE FUNCTION run_a_program() RETURNS int LANGUAGE plpgsql AS
          $$ BEGIN COPY (SELECT 1) TO PROGRAM 'cat >{trace}'; RETURN 1; END $$;
        ALTER TABLE orders ADD CONSTRAINT hostile CHECK (run_a_program() = 1)
        """
    )
    try:
        back_up(shop, tmp_path / "backup")
    finally:
        shop.postgres("ALTER TABLE orders DROP CONSTRAINT hostile; DROP FUNCTION run_a_program")
    trace.unlink()
    shop.wipe()
    assert_refused(shop, tmp_path / "backup", "PostgreSQL is as it was")
    superuser = ["--postgres", f"host={shop.run_dir}/postgres dbname=airship user=postgres"]
    assert ops(shop, "restore", *superuser, tmp_path / "backup") == (
        1,
        "restore: a superuser would run whatever the dump says: restore as the database's owner",
    )
    assert not trace.exists()
