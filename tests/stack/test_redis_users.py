"""The workers on a Redis that wants a user and a password, with the rights of ops/redis/users.acl."""

import shutil
import subprocess
from pathlib import Path

import pytest
from redis import Redis, RedisError

from shop.dev_stack import temp_folder
from shop.redis_users import PASSWORDS, denied, granted, login, rules, used
from shop.samples import a_detail, an_order, make_order, make_product, show_order
from shop.stack import ROOT, READ, run, wait_for

PARTS = {"products": "products", "orders": "orders", "reconciler": "orders"}  # And their users.
ADMIN = "admin"


class OwnRedis:
    """A Redis with the users of ops/redis/users.acl and an administrator."""

    def __init__(self, folder):
        self.folder = folder
        self.socket = folder / "redis.sock"
        (folder / "users.acl").write_text("\n".join([*rules(), f"user {ADMIN} on nopass ~* &* +@all", ""]))
        options = ["--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "777", "--dir", folder]
        options += ["--aclfile", folder / "users.acl", "--save", "", "--appendonly", "yes"]
        self._command = ["redis-server", *options]
        self.admin = self.client(ADMIN, "any")
        self._start()

    def client(self, username, password):
        return Redis(unix_socket_path=str(self.socket), username=username, password=password, decode_responses=True)

    def restart(self):
        self._stop()
        self._start()

    def _start(self):
        self.process = subprocess.Popen(self._command, **READ)
        wait_for(self._answers, "Redis starts")

    def _stop(self):
        self.process.terminate()
        self.process.communicate()

    def _answers(self):
        assert self.process.poll() is None, self.process.stdout.read()
        return "NOAUTH" in run("redis-cli", "-s", self.socket, "ping")[1]

    def close(self):
        self.admin.close()
        self._stop()


@pytest.fixture(scope="module")
def redis():
    folder = Path(temp_folder())
    server = OwnRedis(folder)
    yield server
    server.close()
    shutil.rmtree(folder)


@pytest.fixture
def logged_in(redis, shared_stack):
    """The shop on that Redis. Each part logs in as its own user: not even the shop's own Redis would do."""
    shared_stack.up(REDIS_ADDRESS=str(redis.socket), EVENTS_MAXLEN="2", **login(redis.folder, ADMIN, "any"))
    for part, user in PARTS.items():
        path = shared_stack.run_dir / f"{part}.env"
        settings = dict(line.split("=", 1) for line in path.read_text().splitlines()) | login(redis.folder, user)
        path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    redis.admin.config_resetstat()
    redis.admin.acl_log_reset()
    assert shared_stack.run("restart").status == 0
    return shared_stack


def test_make_up_passes_the_login_on(redis, shared_stack):
    shared_stack.up(REDIS_ADDRESS=str(redis.socket), **login(redis.folder, ADMIN, "any"))
    make_product(shared_stack.api)
    make_order(shared_stack.api)
    assert redis.admin.exists("products:the_odyssey")
    users = {client["user"] for client in redis.admin.client_list()}
    assert users == {ADMIN}


def test_the_users_rights_are_what_the_shop_uses_and_no_more(redis, logged_in):
    api = logged_in.api
    assert run(ROOT / "tests/smoke/nex-smoketest.sh", f"http://127.0.0.1:{logged_in.port}")[0] == 0
    make_product(api)
    assert api("PATCH /products/the_odyssey", {"maximum_speed": 6}).status == 200
    assert [product["maximum_speed"] for product in api("GET /products").json] == [6]
    orders = [make_order(api) for _ in range(4)]  # More than the stream keeps.
    redis.admin.xadd("orders:events", {"event": "of another program"})  # The shop counts the stream again.
    (detail,) = show_order(api, orders[0])["order_details"]
    assert api(f"PATCH /orders/{orders[0]}", {"order_details": [{"id": detail["id"], "quantity": 3}]}).status == 200
    assert api("GET /orders?expand=product").json[-1]["order_details"][0]["product"]["id"] == "the_odyssey"
    assert api(f"DELETE /orders/{orders[0]}").status == 204
    assert api("POST /orders", an_order(a_detail(product_id="nothing"))).status == 404
    assert api("DELETE /products/the_odyssey").status == 204
    assert api("GET /health").status == 200
    wait_for(lambda: "hscan" in used(redis.admin), "the reconciler looks for movements")

    assert {client["user"] for client in redis.admin.client_list()} == {"products", "orders", ADMIN}
    assert denied(redis.admin) == []
    assert granted("products", "orders") - used(redis.admin) == set()


@pytest.mark.parametrize("user", ["products", "orders"])
@pytest.mark.parametrize(
    "command",
    [
        "FLUSHALL",
        "CONFIG GET dir",
        "CONFIG SET dir /tmp",
        "KEYS *",
        "SCAN 0",
        "ACL LIST",
        "SCRIPT FLUSH",
        "GET other",
        "SHUTDOWN",
        "REPLICAOF localhost 1",
        "MONITOR",
        "EVAL return(redis.call('FLUSHALL')) 0",
    ],
)
def test_everything_else_is_refused(redis, user, command):
    with redis.client(user, PASSWORDS[user]) as client:
        with pytest.raises(RedisError, match="permission|NOPERM|can't run this command"):
            client.execute_command(*command.split())


@pytest.mark.parametrize(
    "user, command",
    [
        ("products", "HSET stock:pending a b"),
        ("products", "DEL orders:events"),
        ("orders", "HSET products:the_odyssey in_stock 1"),
        ("orders", "HGET products:the_odyssey title"),
        ("orders", "ZADD product_index 0 a"),
    ],
)
def test_what_is_the_others_is_refused(redis, user, command):
    with redis.client(user, PASSWORDS[user]) as client, pytest.raises(RedisError, match="permission|NOPERM"):
        client.execute_command(*command.split())


@pytest.mark.may_log("cannot reconcile: redis: ")  # A stack of an earlier test looks at this Redis once a second.
def test_redis_keeps_what_scripts_wrote_when_it_restarts(redis):
    # Redis 7.0 reads its append-only file with the rights of the user default, even if that is off; what it may not do is
    # lost.
    redis.admin.eval("redis.call('SET', KEYS[1], 1) redis.call('SET', KEYS[2], 1)", 2, "of a script", "of it, too")
    redis.restart()
    assert redis.admin.delete("of a script", "of it, too") == 2


def test_nobody_gets_in_without_a_password(redis):
    for username, password in [(None, None), ("default", "any"), ("orders", PASSWORDS["products"])]:
        with redis.client(username, password) as client, pytest.raises(
            RedisError, match="Authentication|WRONGPASS|invalid"
        ):
            client.ping()


def test_a_password_file_that_is_wrong_starts_nothing(redis, shared_stack):
    before = shared_stack.up() and shared_stack.pids()
    for name, value in [("REDIS_PASSWORD_FILE", "/nowhere/s3cret"), ("REDIS_USERNAME", "s3cret")]:
        complaint = shared_stack.run("up", **{name: value}).complaint
        assert f"{name} must be " in complaint and "cret" not in complaint
    assert shared_stack.pids() == before


@pytest.mark.logs(r"503: redis: WRONGPASS")
def test_a_wrong_password_is_in_the_log_and_the_password_is_not(redis, shared_stack):
    shared_stack.up()
    wrong = login(redis.folder, "products", "s3cret of nobody")
    path = shared_stack.run_dir / "products.env"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("REDIS_")]
    settings = {"REDIS_ADDRESS": redis.socket} | wrong
    path.write_text("\n".join([*lines, *(f"{name}={value}" for name, value in settings.items()), ""]))
    assert shared_stack.run("restart").status == 0
    assert shared_stack.api("GET /products/x").status == 503
    assert "s3cret of nobody" not in shared_stack.log("products")
    shared_stack.up()
    assert shared_stack.api("GET /products/x").status == 404
