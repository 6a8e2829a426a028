"""Roots of Debian, which are made once: the one that all hosts of a lab share, with the packages that they may install,
and one to build packages in."""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / "build" / "deploy"
PACKAGES = HERE / "packages.txt"
CONTROL = HERE.parents[1] / "debian" / "control"

# What a freshly installed server has, as far as ansible and the lab need it.
INSTALLED = "systemd,systemd-sysv,dbus,python3,openssh-server,iproute2,ca-certificates,procps"
MIRRORS = [
    "deb http://deb.debian.org/debian bookworm main",
    "deb http://deb.debian.org/debian bookworm-updates main",
    "deb http://deb.debian.org/debian-security bookworm-security main",
]
# The folder of packages, as each host sees it.
APT_FOLDER = "/srv/apt"

# mmdebstrap calls it with the root that it has made: $1. The builder's host name and machine id must not be each host's.
# The packages are fetched here because apt knows the root's packages here, and the mirrors.
FINISH = f"""
set -eu
rm -f "$1/etc/hostname"
: >"$1/etc/machine-id"
mkdir -p "$DEBS/partial" "$1{APT_FOLDER}"
APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -q -y install --download-only --no-install-recommends \\
  -o Dir::Cache::archives="$DEBS" $WANTED
rm -rf "$DEBS/partial" "$DEBS/lock"
echo 'deb [trusted=yes] file:{APT_FOLDER} ./' >"$1/etc/apt/sources.list"
"""

# The build's user.
FINISH_BUILD = 'chroot "$1" useradd --create-home builder'


@contextlib.contextmanager
def one_at_a_time():
    """For what several suites do on their way, and must not do at the same time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


class Root:
    """`root` is its folder. Of what it is made says its name, so that one that is not complete has another name."""

    def __init__(self, name, include, finish, *made_of, **environment):
        made_of = "|".join([include, *MIRRORS, finish, *made_of])
        self._folder = CACHE / f"{name}-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"
        self._name = name
        self._include = include
        self._finish = finish
        self._environment = environment
        self.root = self._folder / "root"

    def make(self):
        """Takes half a minute, and nothing if it is there already."""
        with one_at_a_time():
            if self._folder.exists():
                return
            print(f"making {self._folder.name}, a root of Debian", flush=True)
            unfinished = CACHE / f"{self._name}-unfinished"
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            self._debootstrap(unfinished)
            unfinished.rename(self._folder)

    def _debootstrap(self, folder):
        finish = folder / "finish.sh"
        finish.write_text(self._finish)
        # Where it fails, it may leave the machine's /dev/shm mounted in the root, which is removed some time.
        command = ["unshare", "--mount", "mmdebstrap", "--quiet", "--mode=root", "--variant=minbase"]
        command += [f"--include={self._include}", f"--customize-hook=DEBS='{folder}/debs' sh '{finish}' \"$1\" >&2"]
        command += ["bookworm", folder / "root", *MIRRORS]
        environment = os.environ | self._environment
        made = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True)
        if made.returncode != 0:
            raise SystemExit(f"mmdebstrap failed:\n{made.stderr[-2000:]}")


class BaseRoot(Root):
    """`debs` is the folder of the packages."""

    def __init__(self):
        wanted = [line for line in PACKAGES.read_text().split("\n") if line and not line.startswith("#")]
        super().__init__("base", INSTALLED, FINISH, *wanted, WANTED=" ".join(wanted))
        self.debs = self._folder / "debs"

    def _debootstrap(self, folder):
        super()._debootstrap(folder)
        index = subprocess.run(["dpkg-scanpackages", "."], cwd=folder / "debs", check=True, capture_output=True).stdout
        (folder / "debs/Packages").write_bytes(index)


class BuildRoot(Root):
    """It has what each Debian has for builds and what debian/control adds to that, and a user: builder."""

    def __init__(self):
        needed = re.search(r"^Build-Depends:(.*(?:\n .*)*)", CONTROL.read_text(), re.MULTILINE)[1]
        names = [dependency.split()[0] for dependency in needed.split(",")]
        super().__init__("build", ",".join(["build-essential", *names]), FINISH_BUILD)
