"""A start that cannot succeed: one line that says what and where, and nothing half started is left behind."""

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
    """A stack on a disk of its own, with the mount options of the test; where nobody may mount, processes may not write
    files of more than 100 kB, which fails later but in the same way: in the middle of things."""
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


# Too small, as can be seen before; and without room for files, as cannot.
@pytest.mark.parametrize("small_disk", ["size=40m", "size=200m,nr_inodes=500"], indirect=True)
def test_a_full_disk(small_disk):
    complaint = small_disk.run("up").complaint
    assert any(words in complaint for words in ("disk is full", "No space left on device", "File too large")), complaint
    assert str(small_disk.run_dir) in complaint
    small_disk.assert_nothing_runs()


def test_a_worker_that_cannot_start(new_stack, checkout):
    """It is found out only at the end of the start: the stores are running by then."""
    program = checkout.build / "orders-worker"
    program.write_text('#!/bin/sh\n[ "$1" = --check-config ] || { echo "orders-worker: no luck today" >&2; exit 1; }\n')
    stack = new_stack()
    complaint = stack.run("up", checkout).complaint
    assert "orders" in complaint and "no luck today" in complaint
    stack.assert_nothing_runs()


def test_an_interrupted_start(new_stack):
    """Ctrl-C goes to make and everything below it, and so it is here."""
    stack = new_stack()
    process = stack.start("up")
    wait_for(stack.pid_file("postgres").exists, "PostgreSQL is being started")
    os.killpg(process.pid, signal.SIGINT)
    assert finish(process).status != 0
    wait_for(lambda: not stack.processes(), "all parts have been stopped")
    stack.assert_nothing_runs()


def test_a_foreign_folder_is_not_used(new_stack):
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
