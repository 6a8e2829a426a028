"""No command takes a password on its command line, where every user of the machine can see it, nor repeats it."""

import os

import pytest

from shop.stack import ROOT, run

COMMANDS = {
    "backup": ["ops/backup.sh", "--postgres", "{}", "/nowhere/backup"],
    "restore": ["ops/restore.sh", "--postgres", "{}", "/nowhere/backup"],
    "audit-stock": ["ops/audit-stock", "--postgres", "{}"],
    "migrate": ["sql/migrate.sh", "{}"],
}
REFUSED = (
    "a password must not be on a command line: put it into a file of mode 0600 that passfile=... or PGPASSFILE names"
)


def said_by(name, value):
    """Runs a command, which must fail because there are no stores. Returns its output."""
    program, *arguments = [word.replace("{}", value) for word in COMMANDS[name]]
    status, output = run(ROOT / program, *arguments, environment={"PATH": os.environ["PATH"], "RUN_DIR": "/nowhere"})
    assert status != 0
    return output.strip()


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    "conninfo",
    [
        "dbname=airship password=s3cret",
        "dbname=airship password = 's3 cret'",
        "password=s3 cret dbname=airship",
        "dbname=airship sslpassword=s3cret",
        "postgresql://orders:s3cret@localhost/airship",
        "postgres://orders:s3@cret@localhost/airship",
        "postgresql://localhost/airship?user=orders&password=s3cret",
    ],
)
def test_a_password_on_the_command_line_is_refused_and_not_repeated(name, conninfo):
    assert said_by(name, conninfo) == f"{name}: {REFUSED}"


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize(
    "conninfo",
    ["host=/nowhere passfile=/etc/airship/pgpass", "postgresql://orders@localhost:1/airship?passfile=/etc/pgpass"],
)
def test_a_file_with_the_password_is_not_refused(name, conninfo):
    assert REFUSED not in said_by(name, conninfo)


@pytest.mark.parametrize("name", ["backup", "restore", "audit-stock"])
@pytest.mark.parametrize("address", ["redis://:s3cret@localhost:1", "s3cret@localhost:1", "s3cret", "s3cret:x"])
def test_a_malformed_address_of_redis_is_not_repeated(name, address, monkeypatch):
    monkeypatch.setitem(COMMANDS, name, [word.replace("--postgres", "--redis") for word in COMMANDS[name]])
    assert said_by(name, address) == f"{name}: --redis must be the path of a socket, or HOST:PORT"
