"""Long commands show their progress on a terminal, and are quiet elsewhere."""

import os
import re

import pytest

from backups import back_up
from shop.client import Client
from shop.samples import make_order, make_product
from shop.stack import BUILD, ROOT, run, run_on_terminal

# Each command, what it shows on a terminal, and its whole output elsewhere.
COMMANDS = {
    "index-products": (
        [ROOT / "build" / BUILD / "index-products"],
        r"\r1 products indexed, 0 keys skipped",
        "1 products indexed, 0 keys skipped that are no .*",
    ),
    "audit-stock": (
        [ROOT / "ops/audit-stock"],
        r"0/1 \[.* events/s(?s:.*) movements \[",
        "audit-stock: 0 orders differ, .*",
    ),
    "backup": ([ROOT / "ops/backup.sh", "{folder}/new"], r"(?s)Redis: .*B.*PostgreSQL: .*B", "backed up to .*"),
    "restore": (
        [ROOT / "ops/restore.sh", "{folder}/backup"],
        r"(?s)PostgreSQL: .*100%.*Redis: .*B",
        "restored from .*",
    ),
}


@pytest.fixture(params=COMMANDS)
def command(request, shop, tmp_path):
    make_product(Client(shop.port))
    make_order(Client(shop.port))
    if request.param == "restore":
        back_up(shop, tmp_path / "backup")
        shop.wipe()
    words, shown, said = COMMANDS[request.param]
    environment = {"RUN_DIR": str(shop.run_dir), "REDIS_ADDRESS": f"{shop.run_dir}/redis/redis.sock", "TERM": "xterm"}
    words = [str(word).format(folder=tmp_path) for word in words]
    return words, {"PATH": os.environ["PATH"]} | environment, shown, said


def test_on_a_terminal_its_progress_is_shown(command):
    words, environment, shown, _ = command
    status, said = run_on_terminal(*words, environment=environment)
    assert status == 0 and re.search(shown, said), said


def test_in_a_pipe_it_says_one_line(command):
    words, environment, _, said = command
    status, output = run(*words, environment=environment)
    assert status == 0 and re.fullmatch(said + "\n", output), output
