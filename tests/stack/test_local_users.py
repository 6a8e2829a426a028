"""Other users of the machine cannot read a stack's passwords and customers' data, nor connect to its sockets."""

import shlex
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from shop.dev_stack import IS_ROOT, all_pids, command_line, identity

# Who may connect to each socket in a stack of root's.
SOCKETS = {
    "postgres/.s.PGSQL.5432": {"root", "postgres", "airship-shop"},
    "redis/redis.sock": {"root", "redis", "airship-shop"},
    "products.sock": {"root", "www-data"},
    "orders.sock": {"root", "www-data"},
    "nginx/run/list.sock": {"root", "www-data"},
}
USERS = ("root", "postgres", "redis", "airship-shop", "www-data", "nobody")
CONNECT = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])"

SECRET = "a-very-secret-word"


@pytest.mark.skipif(not IS_ROOT, reason="only a stack of root's has several users")
@pytest.mark.parametrize("path", SOCKETS)
def test_a_socket_is_for_those_who_need_it(shop, path):
    for user in USERS:
        done = subprocess.run(
            [sys.executable, "-c", CONNECT, shop.run_dir / path], capture_output=True, text=True, **identity(user)
        )
        assert (done.returncode == 0) == (user in SOCKETS[path]), (user, done.stderr)
        assert done.returncode == 0 or "PermissionError" in done.stderr


def test_postgres_closes_a_connection_that_sends_nothing(shop):
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(15)
        client.connect(str(shop.run_dir / "postgres/.s.PGSQL.5432"))
        assert client.recv(1) == b""


def test_files_are_for_those_who_need_them(shop):
    folders = {path.relative_to(shop.run_dir).parts[0] for path in readable_by_all(shop.run_dir)}
    assert folders == {"bin", "conf", "nginx", "pids"}
    assert {path for path in readable_by_all(shop.run_dir / "nginx")} == {*readable_by_all(shop.run_dir / "nginx/conf")}
    for name in (".airship-shop", "products.env", "orders.env", "reconciler.env"):
        assert stat.S_IMODE((shop.run_dir / name).stat().st_mode) == 0o600


def readable_by_all(folder):
    """The files that every user can read or write, by their modes and the modes of their folders."""
    for path in folder.iterdir():
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode) and mode & 0o001:
            yield from readable_by_all(path)
        elif not stat.S_ISDIR(mode) and mode & 0o006:
            yield path


@pytest.fixture
def spied_checkout(checkout):
    """A checkout whose commands log the command lines of the programs that they call."""
    spy = checkout.folder / "spy"
    spy.mkdir()
    log = spy / "log"
    log.touch()
    log.chmod(0o666)
    for name in ("awk", "chrt", "cmp", "env", "grep", "install", "sed", "setpriv", "setsid", "sh", "sha256sum", "tr"):
        program = spy / name
        program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$0 $*" >>{shlex.quote(str(log))}\nexec /usr/bin/{name} "$@"\n')
        program.chmod(0o755)
    checkout.append("ops/dev/lib/settings.sh", f"\nPATH={spy}:$PATH\n")
    return checkout


def test_settings_are_on_no_command_line(shop, spied_checkout):
    assert SECRET not in "".join(shop.up(spied_checkout, PRODUCT_IMAGE_ROOT=f"https://images.example.com/{SECRET}"))
    workers = shop.pids()["orders"][1:]
    assert all(SECRET in Path(f"/proc/{pid}/environ").read_text() for pid in workers)

    lines = (spied_checkout.folder / "spy/log").read_text()
    assert all(f"/{name} " in lines for name in ("chrt", "env", "setsid"))
    assert SECRET not in lines
    assert not any(SECRET in command_line(pid) for pid in all_pids())
    assert not any(SECRET in shop.log(part) for part in ("orders", "reconciler", "postgres"))
