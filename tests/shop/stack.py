"""A running shop: its commands, processes, logs and stores."""

import functools
import os
import pty
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from shop import logs, stores
from shop.client import Client

ROOT = Path(__file__).resolve().parents[2]
BUILD = os.environ.get("BUILD", "asan")
POLL_SECONDS = 0.02
FIRST_PORT_OF_CLIENTS = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
EVERYWHERE = ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::"))

# The parts whose children stay; and the folders whose names come and go.
SUPERVISORS = ("reconciler", "products", "orders", "nginx")
UNSTEADY = ("postgres/data", "redis/appendonlydir", "nginx/cache_orders", "nginx/temp/body", "nginx/temp/fastcgi")

# Of more products than a worker names (workers/common/slots.cpp). They need not exist.
LARGE_ORDER = """
WITH new AS (INSERT INTO orders DEFAULT VALUES RETURNING id), details AS (
    INSERT INTO order_details (order_id, product_id, price, quantity)
    SELECT id, 'part-' || number, 1, 1 FROM new, generate_series(1, 130) AS number)
SELECT id FROM new
"""

# For subprocess: no input; stdout and stderr are read as one text.
READ = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}


def wait_for(condition, what, seconds=20):
    """Returns what `condition()` returns as soon as that is true. Fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < deadline, f"not within {seconds} seconds: {what}"
        time.sleep(POLL_SECONDS)


def run(*command, environment=None):
    """The exit status of a command, and its output."""
    done = subprocess.run(command, env=environment, timeout=600, **READ)
    return done.returncode, done.stdout


@functools.cache
def built(build):
    """The folder of the programs, which it brings up to date once."""
    # Without the variables of an outer make, which are for another build.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    status, output = run("make", "-C", ROOT, f"BUILD={build}", "build", environment=environment)
    assert status == 0, output
    return ROOT / "build" / build


def run_on_terminal(*command, environment=None):
    """Runs a command on a new terminal. Returns its exit status and what it wrote to stderr, which is that terminal."""
    terminal, other_end = pty.openpty()
    streams = {"stdin": other_end, "stdout": subprocess.DEVNULL, "stderr": other_end}
    with subprocess.Popen(["setsid", "--ctty", "--wait", *command], env=environment, **streams) as process:
        os.close(other_end)
        said = b""
        with suppress(OSError):  # The other end is closed.
            while data := os.read(terminal, 65536):
                said += data
    os.close(terminal)
    return process.returncode, said.decode()


def free_port():
    """A TCP port that is free on all addresses. It is below those that the kernel gives to clients: one of the thousands
    that tests open might get it before the server has it."""
    while True:
        port = random.randrange(10_000, FIRST_PORT_OF_CLIENTS)
        if all(can_bind(family, address, port) for family, address in EVERYWHERE):
            return port


def can_bind(family, address, port):
    with socket.socket(family) as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, port))
        return True
    return False


class Stack:
    """`settings` are as on make's command line."""

    def __init__(self, port, run_dir, settings=None):
        self.port = port
        self.key = None  # An API key with all scopes, if the stack asks for keys.
        self.run_dir = Path(run_dir)
        self._settings = settings or {}
        self._left = None  # What the last `make up` with the stack's own settings has left.
        self.redis = stores.redis_client(self.run_dir / "redis/redis.sock")
        self.postgres = stores.Postgres(self.run_dir / "postgres")
        logs.watch(self.run_dir)

    @classmethod
    def with_own_folder(cls, **settings):
        """A stack of build/$BUILD (asan unless set) that is not started yet, with its own port and folder. The users
        that its parts run as can enter the folder."""
        run_dir = tempfile.mkdtemp(prefix="shop-test-")
        os.chmod(run_dir, 0o755)
        return cls(free_port(), run_dir, {"BUILD": BUILD, "LOG_LEVEL": "info"} | settings)

    def make(self, target, **settings):
        """Does what `make target` does, without looking each time for what is to be installed and built."""
        settings = self._settings | settings
        environment = os.environ | {"PORT": str(self.port), "RUN_DIR": str(self.run_dir)} | settings
        environment["BUILD_DIR"] = str(built(environment.get("BUILD", "release")))
        status, output = run(ROOT / f"ops/dev/{target}.sh", environment=environment)
        assert status == 0, f"{target} failed:\n{output}"
        if target == "up":
            self._left = None if settings != self._settings else self._parts()

    def ensure_up(self):
        """Brings the stack up, unless all that this looks at is as the last one has left it: it takes half a second of CPU
        time, and most tests change neither a process nor the stack's folder."""
        if self._left is None or self._left != self._parts():
            self.up()

    def up(self):
        self.make("up")

    def _parts(self):
        """The stack's processes that stay, and each name in its folder with its owner and mode. Except for data, logs
        and caches, also when the file was made and last changed."""
        processes, files = {}, {}
        for path in (self.run_dir / "pids").glob("*.pid"):
            text = path.read_text().strip()
            if text.isdigit():
                processes[path.stem] = (has_ended(int(text)), path.stem in SUPERVISORS and sorted(children(text)))
        for folder, names, others in os.walk(self.run_dir):
            path = Path(folder).relative_to(self.run_dir)
            for name in names + others:
                with suppress(FileNotFoundError):  # Redis has just renamed it.
                    status = os.lstat(f"{folder}/{name}")
                    files[path / name] = (status.st_uid, status.st_gid, status.st_mode)
                    if name in others and path.parts[:1] not in (("log",), ("redis",), ("postgres",)):
                        files[path / name] += (status.st_ino, status.st_mtime_ns, status.st_size)
            names[:] = [name for name in names if str(path / name) not in UNSTEADY]
        return processes, files

    def close(self):
        """Closes the tests' own connections to the stores."""
        self.redis.close()
        self.postgres.close()

    def remove(self):
        """Stops and wipes the stack. Fails if a sanitizer has found anything; leaks are found when a worker exits."""
        self.close()
        self.make("down")
        findings = self.sanitizer_findings()
        self.make("reset")
        shutil.rmtree(self.run_dir, ignore_errors=True)
        assert not findings, "\n".join(findings[:20])

    def sanitizer_findings(self):
        return [line for line in self.log_lines() if "Sanitizer" in line or "runtime error:" in line]

    def log_lines(self):
        for path in sorted((self.run_dir / "log").glob("*")):
            yield from path.read_text(errors="replace").splitlines()

    def pid_file(self, part):
        return self.run_dir / f"pids/{part}.pid"

    def pid(self, part):
        return int(self.pid_file(part).read_text())

    def worker_pids(self, pool):
        """The children of the pool's supervisor."""
        return set(children(self.pid(pool)))

    def all_worker_pids(self):
        return {pool: self.worker_pids(pool) for pool in ("products", "orders")}

    def wipe(self):
        """Empties both stores, as in a new shop."""
        self.forget_pages()
        stores.wipe(self.redis, self.postgres)

    def forget_pages(self):
        """Makes nginx forget all that it has cached, by a write that changes more than its worker can name. Without it
        nginx would show changes that a test makes in the stores themselves only a second later.

        A 503 is as good: a worker answers it if it has lost its connections since its last request.
        """
        ((order_id,),) = self.postgres(LARGE_ORDER)
        assert Client(self.port, key=self.key)(f"DELETE /orders/{order_id}").status in (204, 503)

    def fingerprint(self):
        return stores.fingerprint(self.redis, self.postgres)

    @contextmanager
    def without(self, store):
        """Stops a store for the `with` block, as its operator would. Afterwards the whole shop is up again."""
        pid = self.pid(store)
        os.kill(pid, signal.SIGINT if store == "postgres" else signal.SIGTERM)
        wait_for(lambda: has_ended(pid), f"{store} stops")
        try:
            yield
        finally:
            self.close()
            self.make("up")

    @contextmanager
    def without_pool(self, pool="orders"):
        """Takes away the socket of a pool for the `with` block: nginx cannot connect to it."""
        socket, aside = self.run_dir / f"{pool}.sock", self.run_dir / f"{pool}.sock.aside"
        socket.rename(aside)
        try:
            yield
        finally:
            aside.rename(socket)

    @contextmanager
    def frozen(self, part):
        """Freezes a part for the `with` block: its connections stay open, and it answers nothing."""
        with stopped(self.pid(part)):
            yield

    def end_workers(self, pool, number=signal.SIGTERM):
        """Sends a signal to all workers of a pool, and waits for as many new ones."""
        before = self.worker_pids(pool)
        for pid in before:
            os.kill(pid, number)
        wait_for(lambda: len(self.worker_pids(pool) - before) == len(before), f"new workers for {pool}")

    def renew_workers(self):
        """After an outage: a worker whose connections broke answers its next write with 503 and does not repeat it."""
        for pool in ("products", "orders"):
            self.end_workers(pool)


@contextmanager
def started_stack(**settings):
    """A new stack with empty stores for the `with` block."""
    stack = Stack.with_own_folder(**settings)
    try:
        stack.make("up")
        yield stack
    finally:
        stack.remove()


def has_ended(pid):
    """Whether a process has ended, all its connections too. Its zombie may be left.

    The kernel first takes the program away, then closes the files and connections, then makes the process a zombie. A
    process with several threads can be a zombie while one of them still has the files open: so all others must be gone.
    """
    try:
        threads = [int(thread) for thread in os.listdir(f"/proc/{pid}/task")]
        return threads == [pid] and state(pid) in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def children(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def signal_tree(pid, number):
    below = children(pid)  # Before the signal: once a process has ended, its children are another one's.
    os.kill(pid, number)
    for child in below:
        with suppress(ProcessLookupError):  # Its parent has waited for its end.
            signal_tree(child, number)


def state(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def freeze(pid):
    """Freezes a process and all below it. Returns when all have stopped: until then, accept(2) still takes a connection."""

    def is_frozen(one):
        return state(one) == "T" and all(is_frozen(child) or state(child) in "ZX" for child in children(one))

    def freezes():
        signal_tree(pid, signal.SIGSTOP)  # Again: a process may have forked just before it stopped.
        return is_frozen(pid)

    wait_for(freezes, "all processes have stopped")


@contextmanager
def stopped(pid):
    """Freezes a process and all below it for the `with` block."""
    freeze(pid)
    try:
        yield
    finally:
        signal_tree(pid, signal.SIGCONT)
