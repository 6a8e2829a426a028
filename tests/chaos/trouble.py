"""Kills and freezes the workers and the stores of a shop, and starts the stores again."""

import random
import signal
from collections import Counter
from functools import partial

from shop.background import Background
from shop.stack import children, signal_tree
from killable_store import Store, send_signal


class Trouble(Background):
    """Makes trouble during its `with` block. Afterwards everything runs again."""

    def __init__(self, shop, seed):
        jobs = {"stores": self._stores, "workers": self._workers}
        super().__init__([partial(job, random.Random(f"{seed} {name}")) for name, job in jobs.items()])
        self.counts = Counter()
        self._shop = shop
        self._redis, self._postgres = Store(shop, "redis"), Store(shop, "postgres")

    def _stores(self, rng):
        """Makes each kind of trouble at least once, however short the time is."""
        kinds = [self._kill_redis, self._freeze_redis]
        kinds += [self._kill_postgres, self._shut_postgres_down, self._freeze_postgres]
        while not self.stopping.is_set():
            rng.shuffle(kinds)
            for kind in kinds:
                self.stopping.wait(rng.uniform(0.1, 1))
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
        self.stopping.wait(rng.uniform(0, 0.5))
        store.start()

    def _freeze_redis(self, rng):
        self._freeze(rng, self._redis, "redis frozen")

    def _freeze_postgres(self, rng):
        self._freeze(rng, self._postgres, "postgres frozen")

    def _freeze(self, rng, store, name):
        """The times are shorter and longer than the workers' timeouts."""
        store.signal_all(signal.SIGSTOP)
        self.counts[name] += 1
        self.stopping.wait(rng.uniform(0.2, 3))
        store.signal_all(signal.SIGCONT)

    def _workers(self, rng):
        frozen = {}  # pid → how many rounds are left until it may go on
        while not self.stopping.wait(rng.uniform(0.05, 0.6)):
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
                # Up to 7 seconds or so: its movement becomes overdue.

                frozen[pid] = rng.randint(1, 20)
                send_signal(pid, signal.SIGSTOP)
                self.counts["worker frozen"] += 1
            else:
                send_signal(pid, signal.SIGKILL)
                self.counts[f"{name} killed"] += 1
        signal_tree(self._shop.pid("orders"), signal.SIGCONT)
