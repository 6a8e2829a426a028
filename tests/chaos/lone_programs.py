"""One worker or reconciler alone, at the stores of a running stack, with settings of its own."""

import os
import pwd
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path

from shop.stack import signal_tree, wait_for


def identity_of(pid):
    """What subprocess needs to run something as the user whose process `pid` is."""
    uid = os.stat(f"/proc/{pid}").st_uid
    if uid == os.geteuid():
        return {}
    return {"user": uid, "group": pwd.getpwuid(uid).pw_gid, "extra_groups": []}


class LoneProgram:
    """`start` is what comes before the program's path, `settings` are added to those that `part` has. It runs as the part's
    user, unless `start` sees to that."""

    def __init__(self, shop, part, program, start=(), **settings):
        lines = (shop.run_dir / f"{part}.env").read_text().splitlines()
        environment = dict(line.split("=", 1) for line in lines) | settings
        with (shop.run_dir / f"log/lone-{part}.log").open("a") as log:
            identity = {} if start else identity_of(shop.pid(part))
            command, streams = [*start, shop.run_dir / "bin" / program], {"stdout": log, "stderr": log}
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, **streams, **identity)
        wait_for(lambda: self._runs(program), f"{program} starts")

    def _runs(self, program):
        # One that a fault point kills at once has run, too.
        return self.process.poll() is not None or self._name() == program[:15]

    def _name(self):
        return Path(f"/proc/{self.process.pid}/comm").read_text().strip()

    def wait_for_crash(self):
        """Until a fault point has killed it."""
        assert self.process.wait(20) == -signal.SIGKILL

    def end(self):
        """Gracefully, so that a leak would be seen."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(30)


def spawn_fcgi(shop, socket):
    """As start_pool_on in ops/dev/lib/pool.sh has it."""
    users = []
    if os.geteuid() == 0:
        users = ["-u", owner(shop.pid("orders")), "-U", owner(shop.pid("nginx"))]
    return ["spawn-fcgi", "-n", "-s", str(socket), "-M", "0600", *users, "--"]


def owner(pid):
    return Path(f"/proc/{pid}").owner()


@contextmanager
def lone_worker(shop, **settings):
    """In place of the pool, or of another one: nginx looks the socket up for each connection."""
    current, own = shop.run_dir / "orders.sock", shop.run_dir / "orders.sock.lone"
    worker = LoneProgram(shop, "orders", "orders-worker", spawn_fcgi(shop, own), **settings)
    aside = shop.run_dir / f"orders.sock.aside-{worker.process.pid}"
    current.rename(aside)
    own.rename(current)
    try:
        yield worker
    finally:
        aside.rename(current)
        worker.end()


@contextmanager
def lone_reconciler(shop, **settings):
    """In place of the stack's, which is held meanwhile."""
    supervisor = shop.pid("reconciler")
    signal_tree(supervisor, signal.SIGSTOP)
    try:
        reconciler = LoneProgram(shop, "reconciler", "orders-reconciler", **settings)
        try:
            yield reconciler
        finally:
            reconciler.end()
    finally:
        signal_tree(supervisor, signal.SIGCONT)
