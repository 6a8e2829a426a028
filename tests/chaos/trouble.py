"""What kills the workers and the stores of a shop, freezes them, and brings the stores back."""

import os
import random
import signal
import subprocess
import threading
from collections import Counter
from concurrent.futures import Future
from contextlib import suppress

from dev_stack import all_pids, current_folder
from lone_programs import identity_of
from shop_stack import children, signal_tree, wait_for

POSTGRES_PROGRAMS = "/usr/lib/postgresql/15/bin:"


# As the stack starts its daemons: whoever reaps orphans is their parent, not the tests.
START = 'setsid "$@" </dev/null >&2 & echo $!'


class Store:
    """Redis or PostgreSQL, to be killed, and started again with the command line that it has."""

    def __init__(self, shop, name, command):
        self.name = name
        self._shop = shop
        self._command = [str(word) for word in command]
        self._pid = shop.pid(name)
        self._folder = current_folder(self._pid)
        self._identity = identity_of(self._pid)

    def kill(self, number=signal.SIGKILL):
        """Returns when it is gone, with all its children."""
        os.kill(self._pid, number)
        wait_for(lambda: not self._processes(), f"{self.name} is gone", seconds=60)

    def start(self):
        """Does not wait for it to answer. Its pid goes where the stack's commands look for it."""
        # PostgreSQL would take a process that nobody has reaped yet for alive; so ops/dev/lib/postgres.sh does this, too.
        for lock in ("data/postmaster.pid", ".s.PGSQL.5432.lock"):
            (self._shop.run_dir / self.name / lock).unlink(missing_ok=True)
        with (self._shop.run_dir / f"log/{self.name}.log").open("a") as log:
            started = subprocess.run(
                ["bash", "-c", START, "bash", *self._command], cwd=self._shop.run_dir, **self._identity,
                env={"PATH": POSTGRES_PROGRAMS + os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                stdout=subprocess.PIPE, stderr=log, text=True, check=True,
            )  # fmt: skip
        self._pid = int(started.stdout)
        (self._shop.run_dir / f"pids/{self.name}.pid").write_text(f"{self._pid}\n")

    def _processes(self):
        """They all work in the store's folder."""
        return [pid for pid in all_pids() if current_folder(pid) == self._folder]

    def signal_all(self, number):
        for pid in self._processes():
            send_signal(pid, number)


class Trouble:
    """Goes on in its `with` block; afterwards everything runs that ran before."""

    def __init__(self, shop, seed):
        self.counts = Counter()
        self._shop = shop
        self._stopping = threading.Event()
        run_dir = shop.run_dir.resolve()
        self._redis = Store(shop, "redis", ["redis-server", run_dir / "redis/redis.conf"])
        self._postgres = Store(shop, "postgres", ["postgres", "-D", run_dir / "postgres/data",
                                                  "-c", f"config_file={run_dir}/postgres/postgresql.conf"])  # fmt: skip
        self._ended = [Future(), Future()]
        self._threads = [
            threading.Thread(target=self._run, args=(work, random.Random(f"{seed} {work.__name__}"), ended))
            for work, ended in zip((self._stores, self._workers), self._ended)
        ]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        for ended in self._ended:
            ended.result()

    def _run(self, work, rng, ended):
        try:
            work(rng)
            ended.set_result(None)
        except BaseException as error:
            ended.set_exception(error)

    def _stores(self, rng):
        """Each kind at least once, however short the time."""
        kinds = [self._kill_redis, self._shut_postgres_down, self._kill_postgres, self._freeze_redis, self._freeze_postgres]
        while not self._stopping.is_set():
            rng.shuffle(kinds)
            for kind in kinds:
                self._stopping.wait(rng.uniform(0.1, 1))
                kind(rng)

    def _kill_redis(self, rng):
        self._interrupt(rng, self._redis, signal.SIGKILL, "redis killed")

    def _kill_postgres(self, rng):
        self._interrupt(rng, self._postgres, signal.SIGKILL, "postgres killed")

    def _shut_postgres_down(self, rng):
        self._interrupt(rng, self._postgres, signal.SIGQUIT, "postgres shut down")  # "Immediate": without a checkpoint.

    def _interrupt(self, rng, store, number, name):
        store.kill(number)
        self.counts[name] += 1
        self._stopping.wait(rng.uniform(0, 0.5))
        store.start()

    def _freeze_redis(self, rng):
        self._freeze(rng, self._redis, "redis frozen")

    def _freeze_postgres(self, rng):
        self._freeze(rng, self._postgres, "postgres frozen")

    def _freeze(self, rng, store, name):
        """For less than any timeout, and for more."""
        store.signal_all(signal.SIGSTOP)
        self.counts[name] += 1
        self._stopping.wait(rng.uniform(0.2, 3))
        store.signal_all(signal.SIGCONT)

    def _workers(self, rng):
        frozen = {}  # pid → how many rounds are left until it may go on
        while not self._stopping.wait(rng.uniform(0.05, 0.6)):
            for pid in [pid for pid, rounds in frozen.items() if not rounds]:
                del frozen[pid]
                send_signal(pid, signal.SIGCONT)
            frozen = {pid: rounds - 1 for pid, rounds in frozen.items()}
            part = rng.choice(["orders"] * 5 + ["reconciler"])
            pids = sorted(set(children(self._shop.pid(part))) - set(frozen))
            if not pids:  # The only one has just been killed.
                continue
            pid = rng.choice(pids)
            name = "worker" if part == "orders" else part
            if name == "worker" and len(frozen) < 2 and rng.random() < 0.2:
                # Up to some 7 seconds: beyond the age at which the reconciler takes its movement for left behind.
                frozen[pid] = rng.randint(1, 20)
                send_signal(pid, signal.SIGSTOP)
                self.counts["worker frozen"] += 1
            else:
                send_signal(pid, signal.SIGKILL)
                self.counts[f"{name} killed"] += 1
        signal_tree(self._shop.pid("orders"), signal.SIGCONT)


def send_signal(pid, number):
    with suppress(ProcessLookupError):
        os.kill(pid, number)
