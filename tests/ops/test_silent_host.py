"""Of several hosts of PostgreSQL the first says nothing: the workers, the reconciler and each command reach the second."""

import os
import socket

import pytest

from shop.client import Client
from shop.samples import make_order, make_product
from shop.stack import ROOT, run, wait_for

COMMANDS = {
    "migrate": [ROOT / "sql/migrate.sh", "{conninfo}"],
    "backup": [ROOT / "ops/backup.sh", "--postgres", "{conninfo}", "{folder}/backup"],
    "audit-stock": [ROOT / "ops/audit-stock", "--postgres", "{conninfo}"],
}


@pytest.fixture
def hosts(shop):
    """The beginning of a connection string: a port that nobody answers on, and the shop's PostgreSQL."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        yield f"host=127.0.0.1,{shop.run_dir}/postgres port={port},5432 target_session_attrs=read-write dbname=airship"


def test_the_shop_reaches_the_second_host(shop, hosts):
    usual = {"POSTGRES_TIMEOUT_MS": "2000", "LOCK_TIMEOUT_MS": "500"}
    shop.make("up", POSTGRES_CONNINFO=f"{hosts} user=orders", **usual)
    api = Client(shop.port)
    make_product(api)
    order_id = make_order(api)
    assert api(f"GET /orders/{order_id}").status == 200
    shop.redis.hset("stock:pending", "01890000-0000-7000-8000-000000000001", '{"time":0,"take":[],"give_back":[]}')
    wait_for(lambda: not shop.redis.exists("stock:pending"), "the reconciler finishes the movement")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_reaches_the_second_host(shop, hosts, tmp_path, name):
    environment = {"PATH": os.environ["PATH"], "RUN_DIR": str(shop.run_dir)}
    conninfo = f"{hosts} user=airship"
    command = [str(word).replace("{conninfo}", conninfo).replace("{folder}", str(tmp_path)) for word in COMMANDS[name]]
    status, said = run(*command, environment=environment)
    assert status == 0, said
