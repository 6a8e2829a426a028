"""The root that all hosts of a lab share, and the Debian packages that they may install. Both are made once."""

import hashlib
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / "build" / "deploy"
PACKAGES = HERE / "packages.txt"

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


class BaseRoot:
    """`root` is the folder of the root, `debs` the one of the packages."""

    def __init__(self):
        made_of = [INSTALLED, *MIRRORS, FINISH, *_wanted()]
        self._folder = CACHE / f"base-{hashlib.sha256('|'.join(made_of).encode()).hexdigest()[:12]}"
        self.root = self._folder / "root"
        self.debs = self._folder / "debs"

    def make(self):
        """Takes half a minute, and nothing if it is there already. One that is not complete has another name."""
        if self._folder.exists():
            return
        print("making the root of the lab's hosts, and fetching their packages", flush=True)
        unfinished = CACHE / "base-unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        self._debootstrap(unfinished)
        unfinished.rename(self._folder)

    @staticmethod
    def _debootstrap(folder):
        debs = folder / "debs"
        finish = folder / "finish.sh"
        finish.write_text(FINISH)
        command = ["mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--include={INSTALLED}"]
        command += [f"--customize-hook=DEBS='{debs}' WANTED='{' '.join(_wanted())}' sh '{finish}' \"$1\" >&2"]
        made = subprocess.run([*command, "bookworm", folder / "root", *MIRRORS], stderr=subprocess.PIPE, text=True)
        if made.returncode != 0:
            raise SystemExit(f"mmdebstrap failed:\n{made.stderr[-2000:]}")
        index = subprocess.run(["dpkg-scanpackages", "."], cwd=debs, check=True, capture_output=True).stdout
        (debs / "Packages").write_bytes(index)


def _wanted():
    return [line for line in PACKAGES.read_text().split("\n") if line and not line.startswith("#")]
