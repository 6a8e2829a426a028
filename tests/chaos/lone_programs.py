"""A single worker or reconciler on the stores of a running stack, with its own settings."""

import os
import pwd
import signal
import subprocess
from contextlib import closing, contextmanager
from pathlib import Path

from shop.stack import wait_for


def identity_of(pid):
    """The arguments with which subprocess runs a command as the user of process `pid`."""
    uid = os.stat(f"/proc/{pid}").st_uid
    if uid == os.geteuid():
        return {}
    return {"user": uid, "group": pwd.getpwuid(uid).pw_gid, "extra_groups": []}


class LoneProgram:
    """`start` is a command that runs the program. `settings` are added to those of `part`. The program runs as the
    part's user; if there is a `start`, it must see to that."""

    def __init__(self, shop, part, program, start=(), **settings):
        lines = (shop.run_dir / f"{part}.env").read_text().splitlines()
        environment = dict(line.split("=", 1) for line in lines) | settings
        with (shop.run_dir / f"log/lone-{part}.log").open("a") as log:
            identity = {} if start else identity_of(shop.pid(part))
            command, streams = [*start, shop.run_dir / "bin" / program], {"stdout": log, "stderr": log}
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, **streams, **identity)
        wait_for(lambda: self._runs(program), f"{program} starts")

    def _runs(self, program):
        # A fault point may have killed it already.
        return self.process.poll() is not None or self._name() == program[:15]

    def _name(self):
        return Path(f"/proc/{self.process.pid}/comm").read_text().strip()

    def wait_for_crash(self):
        """Waits until a fault point has killed it."""
        assert self.process.wait(20) == -signal.SIGKILL

    def close(self):
        """Ends it with SIGTERM, so that the sanitizers look for leaks."""
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        self.process.wait(30)


def spawn_fcgi(shop, socket):
    """The command of start_pool_on in ops/dev/lib/pool.sh."""
    users = []
    if os.geteuid() == 0:
        users = ["-u", owner(shop.pid("orders")), "-U", owner(shop.pid("nginx"))]
    return ["spawn-fcgi", "-n", "-s", str(socket), "-M", "0600", *users, "--"]


def owner(pid):
    return Path(f"/proc/{pid}").owner()


@contextmanager
def lone_worker(shop, **settings):
    """Puts a lone worker in place of the pool or another lone worker: nginx looks the socket up each time."""
    current, own = shop.run_dir / "orders.sock", shop.run_dir / "orders.sock.lone"
    worker = LoneProgram(shop, "orders", "orders-worker", spawn_fcgi(shop, own), **settings)
    aside = shop.run_dir / f"orders.sock.aside-{worker.process.pid}"
    current.rename(aside)
    own.rename(current)
    try:
        yield worker
    finally:
        aside.rename(current)
        worker.close()


@contextmanager
def lone_reconciler(shop, **settings):
    """Runs a lone reconciler in place of the stack's, which is frozen meanwhile."""
    with shop.frozen("reconciler"), closing(LoneProgram(shop, "reconciler", "orders-reconciler", **settings)) as lone:
        yield lone
