"""The commands of the development stack, and what they leave running."""

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from shop.client import Client
from shop.stack import BUILD, READ, ROOT, Stack, built, children, free_port, has_ended, wait_for

PARTS = ("postgres", "redis", "reconciler", "products", "orders", "nginx")
PROGRAMS = {"products": "products-worker", "orders": "orders-worker", "reconciler": "orders-reconciler"}
IS_ROOT = os.geteuid() == 0

# Few, because each worker starts the sanitizers. Two different numbers, so that no test mixes up the pools.
SETTINGS = {"PRODUCTS_WORKERS": "2", "ORDERS_WORKERS": "3"}


class Outcome(NamedTuple):
    status: int
    lines: list

    @property
    def complaint(self):
        """The output of a failed command, which must be one line."""
        assert self.status != 0 and len(self.lines) == 1, self
        return self.lines[0]


class ThisCheckout:
    """Its commands without make, which looks each time for what is to be installed and built."""

    folder = ROOT

    @property
    def build(self):
        return built(BUILD)


class Checkout:
    """A copy of the stack's commands, with the workers as they have been built. A test may change it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        for name in ("nginx", "ops", "sql"):
            shutil.copytree(ROOT / name, self.folder / name)
        self.build = self.folder / "build"
        self.build.mkdir()
        for program in PROGRAMS.values():
            shutil.copy2(ROOT / "build" / BUILD / program, self.build)
        shutil.copytree(ROOT / "build/pages", self.build / "pages")

    def append(self, name, text):
        with (self.folder / name).open("a") as file:
            file.write(text)


class DevStack(Stack):
    """One stack, in its own folder and on its own port. `settings` are as on make's command line."""

    def __init__(self, run_dir, checkout=None, user=None):
        super().__init__(free_port(), run_dir)
        self.user = user
        self._checkout = checkout

    @property
    def api(self):
        return Client(self.port)

    def run(self, command, checkout=None, **settings):
        """Runs `make command`, or in a Checkout the script that this target calls."""
        return finish(self.start(command, checkout, **settings))

    def start(self, command, checkout=None, **settings):
        checkout = checkout or self._checkout
        environment = {"PATH": os.environ["PATH"], "PORT": str(self.port), "RUN_DIR": str(self.run_dir), "BUILD": BUILD}
        environment |= SETTINGS | settings
        words = ["make", "--no-print-directory", command]
        if checkout:
            words = [checkout.folder / f"ops/dev/{command}.sh"]
            environment["BUILD_DIR"] = str(checkout.build)
        folder = checkout.folder if checkout else ROOT
        who = identity(self.user)
        return subprocess.Popen(words, cwd=folder, env=environment, start_new_session=True, **who, **READ)

    def up(self, checkout=None, **settings):
        outcome = self.run("up", checkout or self._checkout or ThisCheckout(), **settings)
        assert outcome.status == 0, "\n".join(outcome.lines)
        self._left = None if settings or checkout else self._parts()
        return outcome.lines

    def up_and_reloaded(self, **settings):
        """Waits for the old nginx workers, too: they end a moment after the new ones have started."""
        old = set(self.pids()["nginx"][1:])
        self.up(**settings)
        wait_for(lambda: not old & set(self.pids()["nginx"]), "the old nginx workers end")

    def down(self):
        self.close()
        outcome = self.run("down")
        assert outcome.status == 0, "\n".join(outcome.lines)
        findings = self.sanitizer_findings()
        assert not findings, "\n".join(findings[:20])
        return outcome.lines

    def remove(self):
        """Stops the stack and wipes it."""
        try:
            self.down()
        finally:
            self.close()
            self.run("reset")
            for pid in self.processes():
                os.kill(pid, signal.SIGKILL)
            shutil.rmtree(self.run_dir, ignore_errors=True)

    def log(self, name):
        path = self.run_dir / f"log/{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def assert_nothing_runs(self):
        assert self.processes() == []
        status = self.run("status")
        assert status.status != 0
        assert status.lines == [f"{part:<10} not running" for part in PARTS]

    def pids(self):
        """For each part the pid of its daemon, then those of its children. PostgreSQL's children are left out, as they
        come and go; and so is nginx's cache loader, which runs for a minute after each start and reload."""
        pids = {part: [self.pid(part)] for part in PARTS}
        for part in ("reconciler", "products", "orders", "nginx"):
            pids[part] += sorted(pid for pid in children(pids[part][0]) if "cache loader" not in command_line(pid))
        return pids

    def processes(self):
        """All processes of the stack, whatever their parents are: each works in a folder of the stack."""
        folder = os.path.realpath(self.run_dir)
        return [pid for pid in all_pids() if (current_folder(pid) + "/").startswith(folder + "/")]

    def kill(self, *pids):
        """Sends SIGKILL and waits until the processes have ended. None has time to log that another one is gone."""
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in pids:
                with suppress(ProcessLookupError):  # It may have ended with one that was killed before it.
                    os.kill(pid, number)
        wait_for(lambda: all(has_ended(pid) for pid in pids), "killed processes end")


def identity(user):
    """The arguments with which subprocess runs a command as this user, without any group of root's."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def finish(process, seconds=60):
    output, _ = process.communicate(timeout=seconds)
    # make adds lines of its own to the command's.
    lines = [line for line in output.splitlines() if not line.startswith(("make:", "make["))]
    return Outcome(process.returncode, lines)


def all_pids():
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def current_folder(pid):
    try:
        return os.readlink(f"/proc/{pid}/cwd")
    except OSError:  # It has ended, or is somebody else's.
        return ""


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:  # It has ended.
        return ""


def command_name(pid):
    return Path(f"/proc/{pid}/comm").read_text().strip()


def listens(port):
    """Whether a connection to 127.0.0.1 is accepted."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def temp_folder():
    """A folder that all users can enter. Its path is short enough for sockets in it."""
    folder = tempfile.mkdtemp(prefix="stack-test-")
    os.chmod(folder, 0o755)
    return folder


def content(folder):
    """Owner, mode, time of the last change and bytes of the folder and everything in it, by path."""
    found = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        status = path.lstat()
        data = path.read_bytes() if stat.S_ISREG(status.st_mode) else None
        found[path] = (status.st_uid, status.st_gid, status.st_mode, status.st_mtime_ns, data)
    return found


def changed(before, after):
    """The parts that have another process than before."""
    return [part for part in PARTS if before[part] != after[part]]
