"""A host of the lab: Debian with systemd as its PID 1, an address and a disk of its own."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from base_root import APT_FOLDER
from cgroups import Cgroup
from namespaces import Cable, inside
from overlay import mount_over

TRIES_PER_SECOND = 20
BOOT_SECONDS = 60


class Host:
    """All that is known of it is in its folder, so that another process can go on with it."""

    def __init__(self, name, address, lab):
        self.name = name
        self.address = address
        self._lab = lab
        self._folder = lab.folder / "hosts" / name
        self.root = self._folder / "root"  # As the host sees it, while it is mounted.
        self._container = f"{lab.network.name}-{name}"
        self._cable = Cable(lab.network, name, address)
        self._cgroup = Cgroup(self._container)
        self._started = None  # By this process.

    def make(self, base, files):
        """Makes its disk: what it changes lies over the base. `files` are written to it, by path."""
        mount_over(base, self._folder)
        for path, text in files.items():
            target = self.root / path.lstrip("/")
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            target.write_text(text)

    def connect(self):
        self._cable.plug_in()
        self._cgroup.make()

    def switch_on(self):
        """Starts it, and does not wait for it."""
        self.connect()
        command = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--kill-signal=SIGRTMIN+3"]
        command += [f"--directory={self.root}", f"--machine={self._container}", f"--hostname={self.name}"]
        command += [f"--network-namespace-path=/run/netns/{self._cable.namespace}"]
        command += ["--capability=CAP_NET_ADMIN,CAP_SYS_RESOURCE"]  # As on a machine: for nftables and for limits.
        command += [f"--bind-ro={self._lab.apt.path}:{APT_FOLDER}", "--link-journal=no", "--console=pipe"]
        command += ["--resolv-conf=off", "--timezone=off"]
        command += ["/bin/sh", "-c", f"{self._cgroup.prepare_host}; exec /lib/systemd/systemd"]
        with open(self._folder / "console", "ab") as console:
            quiet = {"stdin": subprocess.DEVNULL, "stdout": console, "stderr": console}
            # In a session of its own, Ctrl-C does not reach it.
            self._started = subprocess.Popen(command, **quiet, start_new_session=True, preexec_fn=self._cgroup.enter)
        (self._folder / "pid").write_text(str(self._started.pid))

    def wait_until_up(self):
        """Until systemd has started all that it starts, and ssh answers. Raises if a unit has failed."""
        self._wait_for("ssh does not answer", lambda: self.ssh("true", check=False).returncode == 0 or not self.is_on())
        assert self.is_on(), f"{self.name} has ended:\n{self._console()}"
        # It waits, too, and prints the state.
        state = self.ssh("systemctl is-system-running --wait", check=False).stdout.strip()
        if state != "running":
            raise TimeoutError(
                f"{self.name} is {state}: {self.ssh('systemctl --failed --no-legend', check=False).stdout}"
            )

    def boot(self):
        self.switch_on()
        self.wait_until_up()

    def cut_power(self):
        """All its processes end at once, as in a power failure; its address answers nothing from now on."""
        self._cable.pull_out()
        nspawn = self._nspawn()
        if nspawn:
            for leader in _children(nspawn):
                os.kill(leader, signal.SIGKILL)
            self._wait_for("it does not end", lambda: self._nspawn() is None)
        self._cgroup.delete()

    def reboot(self):
        """As after a power failure."""
        self.cut_power()
        self.boot()

    def fall_silent(self):
        self._cable.fall_silent()

    def speak_again(self):
        self._cable.speak_again()

    def remove(self):
        """Also what an interrupted test has left."""
        with contextlib.suppress(TimeoutError):
            self.cut_power()
        nspawn = self._nspawn()
        if nspawn:
            os.kill(nspawn, signal.SIGKILL)
        if os.path.ismount(self.root):
            # A process that is about to end may still hold the disk.
            subprocess.run(["umount", "--lazy", self.root], check=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def inside(self):
        """`with host.inside():` this thread is in the host's network, and its loopback is the host's."""
        return inside(self._cable.namespace)

    def ssh(self, command, check=True, input=""):
        """Runs the command as root. Raises with its output if it fails."""
        arguments = ["ssh", "-F", self._lab.ssh_config, self.name, command]
        with self._lab.inside():
            done = subprocess.run(arguments, capture_output=True, text=True, input=input)
        if check and done.returncode != 0:
            raise RuntimeError(f"{self.name}: {command}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def is_on(self):
        return self._nspawn() is not None

    def _nspawn(self):
        """The process that holds the host, or None. One that has ended and that nobody has waited for is none."""
        if self._started:
            self._started.poll()
        try:
            pid = int((self._folder / "pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
        except (FileNotFoundError, ProcessLookupError):
            return None
        return pid if f"--machine={self._container}\0" in command else None

    def _wait_for(self, fault, condition):
        for _ in range(BOOT_SECONDS * TRIES_PER_SECOND):
            if condition():
                return
            time.sleep(1 / TRIES_PER_SECOND)
        raise TimeoutError(f"{self.name}: {fault}; the end of its console:\n{self._console()}")

    def _console(self):
        return (self._folder / "console").read_text(encoding="utf-8", errors="replace")[-2000:]


def _children(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
