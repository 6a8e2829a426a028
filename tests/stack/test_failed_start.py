"""A start that fails says in one line what failed and where. It stops again what it has started."""

import os
import resource
import signal
import socket
import subprocess

import pytest

from shop.dev_stack import DevStack, finish, temp_folder
from shop.stack import wait_for


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::1", "::"])
def test_a_port_in_use(new_stack, address):
    stack = new_stack()
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as holder:
        holder.bind((address, stack.port))
        holder.listen()
        complaint = stack.run("up").complaint
    assert f"port {stack.port} is in use by " in complaint and f"(pid {os.getpid()})" in complaint
    stack.assert_nothing_runs()


def test_a_port_in_use_leaves_a_shop_alone(shop, new_stack):
    before = shop.pids()
    other = new_stack()
    other.port = shop.port
    assert "by nginx" in other.run("up").complaint
    other.assert_nothing_runs()

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        assert "is in use" in shop.run("up", PORT=str(holder.getsockname()[1])).complaint
    assert shop.pids() == before
    assert shop.api("GET /health").status == 200


@pytest.fixture
def small_disk(request):
    """A stack on its own file system, mounted with the test's options. Without the right to mount, processes may
    instead write files of at most 100 kB: that makes them fail later, but also in the middle of a start."""
    folder = temp_folder()
    mount = ["mount", "-t", "tmpfs", "-o", f"mode=755,{request.param}", "tmpfs", folder]
    mounted = subprocess.run(mount, capture_output=True).returncode == 0
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    if not mounted:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    stack = DevStack(folder)
    try:
        yield stack
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        stack.remove()
        if mounted:
            subprocess.run(["umount", folder], check=True)
            os.rmdir(folder)


# Too small, which make up sees before it starts anything; and too few inodes, which it cannot see.
@pytest.mark.parametrize("small_disk", ["size=40m", "size=200m,nr_inodes=500"], indirect=True)
def test_a_full_disk(small_disk):
    complaint = small_disk.run("up").complaint
    assert any(words in complaint for words in ("disk is full", "No space left on device", "File too large")), complaint
    assert str(small_disk.run_dir) in complaint
    small_disk.assert_nothing_runs()


def test_a_worker_that_cannot_start(new_stack, checkout):
    """The workers start last, when the stores are running."""
    program = checkout.build / "orders-worker"
    program.write_text('#!/bin/sh\n[ "$1" = --check-config ] || { echo "orders-worker: no luck today" >&2; exit 1; }\n')
    stack = new_stack()
    complaint = stack.run("up", checkout).complaint
    assert "orders" in complaint and "no luck today" in complaint
    stack.assert_nothing_runs()


def test_an_interrupted_start(new_stack):
    """Ctrl-C goes to make and all its children."""
    assert_interrupt_leaves_nothing(new_stack())


def test_an_interrupt_before_postgres_has_its_name(new_stack, checkout):
    """Until then PostgreSQL's process looks like any other."""
    slow_setsid = checkout.folder / "setsid"
    slow_setsid.write_text('#!/bin/sh\nsleep 0.5\nexec /usr/bin/setsid "$@"\n')
    slow_setsid.chmod(0o755)
    checkout.append("ops/dev/lib/settings.sh", f"\nPATH={checkout.folder}:$PATH\n")
    assert_interrupt_leaves_nothing(new_stack(), checkout)


def assert_interrupt_leaves_nothing(stack, checkout=None):
    process = stack.start("up", checkout)
    wait_for(stack.pid_file("postgres").exists, "PostgreSQL is being started")
    os.killpg(process.pid, signal.SIGINT)
    assert finish(process).status != 0
    wait_for(lambda: not stack.processes(), "all parts have been stopped")
    stack.assert_nothing_runs()


def test_a_folder_with_other_files_is_refused(new_stack):
    stack = new_stack()
    stack.run_dir.mkdir()
    letter = stack.run_dir / "letter.txt"
    letter.write_text("Dear Sir")
    for command in ("up", "reset"):
        assert str(stack.run_dir) in stack.run(command).complaint
    assert stack.run("down").status == 0
    assert list(stack.run_dir.iterdir()) == [letter]
    assert stack.processes() == []


def test_a_folder_that_cannot_be_made(new_stack):
    stack = new_stack()
    stack.run_dir.write_text("a file")
    try:
        assert str(stack.run_dir) in stack.run("up").complaint
    finally:
        stack.run_dir.unlink()
