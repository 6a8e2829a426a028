"""backup.sh, restore.sh, audit-stock and index-products log in to Redis as a user with a password, and do with the
rights of `ops` in ops/redis/users.acl."""

import os

import pytest

from backups import back_up
from shop.client import Client
from shop.redis_users import PASSWORDS, denied, granted, login, set_user, used
from shop.samples import a_detail, make_order, make_product
from shop.stack import BUILD, ROOT, run

COMMANDS = {
    "backup": ["ops/backup.sh", "{folder}/new"],
    "restore": ["ops/restore.sh", "{folder}/backup"],
    "audit-stock": ["ops/audit-stock"],
    "index-products": [f"build/{BUILD}/index-products"],
}


@pytest.fixture
def guarded(shop):
    """The shop, whose Redis has the user `ops`, too."""
    set_user(shop.redis, "ops")
    shop.redis.config_resetstat()
    shop.redis.acl_log_reset()
    yield shop
    shop.redis.execute_command("ACL", "DELUSER", "ops")


def said_by(shop, name, folder, *options, **settings):
    """Runs a command, with the backups in the folder. Returns its exit status and its output."""
    program, *arguments = [word.replace("{folder}", str(folder)) for word in COMMANDS[name]]
    environment = {"PATH": os.environ["PATH"], "RUN_DIR": str(shop.run_dir)}
    environment |= {"REDIS_ADDRESS": f"{shop.run_dir}/redis/redis.sock"} | settings
    status, output = run(ROOT / program, *arguments, *options, environment=environment)
    return status, output.strip()


def spoil(shop):
    """Makes an order that the audit repairs, an id without a product, and a product that is not in the index."""
    order_id = make_order(Client(shop.port), a_detail(quantity=2))
    shop.postgres(f"UPDATE order_details SET quantity = 3 WHERE order_id = {order_id}")
    shop.redis.zadd("product_index", {"gone": 0})
    shop.redis.zrem("product_index", "the_odyssey")


def stored(shop):
    """What both stores have. A group of the stream also has the times at which its consumers were seen, which Redis makes
    anew."""
    digests = shop.fingerprint()
    del digests["orders:events"]
    groups = shop.redis.xpending_range("orders:events", "followers", "-", "+", 10)
    return digests, shop.redis.xrange("orders:events"), [(entry["message_id"], entry["consumer"]) for entry in groups]


def test_the_user_ops_may_do_what_the_commands_do_and_no_more(guarded, tmp_path):
    shop, redis, user = guarded, guarded.redis, login(tmp_path, "ops")
    make_product(Client(shop.port))
    spoil(shop)
    redis.xgroup_create("orders:events", "followers", "0")
    redis.xgroup_createconsumer("orders:events", "followers", "idle")
    redis.xreadgroup("followers", "one", {"orders:events": ">"})
    assert said_by(shop, "index-products", tmp_path, **user) == (
        0,
        "1 products indexed, 0 keys skipped that are no products",
    )
    with shop.frozen("reconciler"):
        redis.hset("stock:pending", "00000000-0000-7000-8000-000000000001", '{"time":0,"take":[],"give_back":[]}')
        status, said = said_by(shop, "backup", tmp_path, **user)
        assert status == 0, said
        before = stored(shop)
        shop.wipe()
        (tmp_path / "new").rename(tmp_path / "backup")
        assert said_by(shop, "restore", tmp_path, **user) == (0, f"restored from {tmp_path}/backup")
        assert stored(shop) == before
        redis.delete("stock:pending")
    redis.delete("orders:events:size")  # The next event counts the stream again.
    assert said_by(shop, "audit-stock", tmp_path, **user)[0] == 1
    status, said = said_by(shop, "audit-stock", tmp_path, "--repair", **user)
    assert (status, said.splitlines()[-1]) == (0, "audit-stock: 1 orders differ, 1 repaired, 0 findings left")
    assert denied(redis) == []
    assert granted("ops") - used(redis) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_wrong_password_is_told_and_not_shown(guarded, tmp_path, name):
    back_up(guarded, tmp_path / "backup")
    status, said = said_by(guarded, name, tmp_path, **login(tmp_path, "ops", "s3cret of nobody"))
    assert status != 0 and f"{name}: " in said
    assert "WRONGPASS" in said or "invalid username-password pair" in said
    assert "s3cret" not in said


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("text", [None, "", "\n", "s3cret\ns3cret\n"], ids=["missing", "empty", "newline", "two"])
def test_a_file_that_has_no_password_is_refused(tmp_path, stack, name, text):
    file = tmp_path / "password"
    if text is not None:
        file.write_text(text)
    status, said = said_by(stack, name, tmp_path, REDIS_PASSWORD_FILE=str(file))
    assert status != 0 and "s3cret" not in said
    refusal = f"{name}: REDIS_PASSWORD_FILE must be the path of a file whose only line is the password"
    assert said == refusal or said.startswith(refusal + ": ")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_user_without_a_password_is_refused(tmp_path, stack, name):
    status, said = said_by(stack, name, tmp_path, REDIS_USERNAME="ops")
    assert status != 0 and said.startswith(f"{name}: REDIS_USERNAME must be a name ")


@pytest.mark.parametrize("name", ["backup", "restore"])
def test_the_password_is_on_no_command_line(guarded, tmp_path, name):
    back_up(guarded, tmp_path / "backup")
    guarded.wipe()
    program, folder = [word.replace("{folder}", str(tmp_path)) for word in COMMANDS[name]]
    environment = {"PATH": os.environ["PATH"], "RUN_DIR": str(guarded.run_dir)} | login(tmp_path, "ops")
    traced = 'exec 9>"$0"; export BASH_XTRACEFD=9; exec bash -x "$@"'
    status, said = run("bash", "-c", traced, tmp_path / "trace", ROOT / program, folder, environment=environment)
    assert status == 0, said
    asked = [line for line in (tmp_path / "trace").read_text().splitlines() if "redis-cli" in line]
    assert any("--user ops" in line for line in asked)
    assert not any(PASSWORDS["ops"] in line for line in asked)
