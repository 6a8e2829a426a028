"""Kills a store of a running shop and starts it again."""

import os
import signal
import subprocess
from contextlib import suppress

from shop.dev_stack import all_pids, current_folder
from lone_programs import identity_of
from shop.stack import READ, has_ended, wait_for

POSTGRES_PROGRAMS = "/usr/lib/postgresql/15/bin:"

# The daemon becomes an orphan, as in the stack: its parent is the process that reaps orphans, not the tests.
START = 'setsid "$@" </dev/null >&2 & echo $!'


class Store:
    """Redis or PostgreSQL. start() uses the command line, user and folder of the process that the stack started."""

    def __init__(self, shop, name):
        self.name = name
        self._shop = shop
        folder = shop.run_dir.resolve()
        if name == "redis":
            self._command = ["redis-server", folder / "conf/redis.conf"]
        else:
            configuration = f"config_file={folder}/conf/postgresql.conf"
            self._command = ["postgres", "-D", folder / "postgres/data", "-c", configuration]
        self._pid = shop.pid(name)
        self._folder = current_folder(self._pid)
        self._identity = identity_of(self._pid)

    def kill(self, number=signal.SIGKILL):
        """Waits until it and its children have ended. Repeats the signal: a new process may lose the first ones."""
        seen = set()

        def is_gone():
            send_signal(self._pid, number)
            running = self._processes()
            seen.update(running)
            return not running and all(has_ended(pid) for pid in seen)

        wait_for(is_gone, f"{self.name} is gone", seconds=60)

    def start(self):
        """Does not wait until the store answers. Writes its pid to the stack's pid file."""
        # PostgreSQL would take the zombie of its predecessor for alive. ops/dev/lib/postgres.sh does this, too.
        for lock in ("data/postmaster.pid", ".s.PGSQL.5432.lock"):
            (self._shop.run_dir / self.name / lock).unlink(missing_ok=True)
        with (self._shop.run_dir / f"log/{self.name}.log").open("a") as log:
            environment = {"PATH": POSTGRES_PROGRAMS + os.environ["PATH"], "LC_ALL": "C.UTF-8"}
            process = {"cwd": self._shop.run_dir, "env": environment, "umask": 0o077} | self._identity
            command = ["bash", "-c", START, "bash", *self._command]
            started = subprocess.run(command, check=True, **process, **READ | {"stderr": log})
        self._pid = int(started.stdout)
        (self._shop.run_dir / f"pids/{self.name}.pid").write_text(f"{self._pid}\n")
        wait_for(self._processes, f"{self.name} starts")

    def _processes(self):
        """All processes whose working directory is the store's folder."""
        return [pid for pid in all_pids() if current_folder(pid) == self._folder]

    def signal_all(self, number):
        for pid in self._processes():
            send_signal(pid, number)


def send_signal(pid, number):
    with suppress(ProcessLookupError):
        os.kill(pid, number)
