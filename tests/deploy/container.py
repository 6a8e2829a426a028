"""A root of Debian for commands, without a running systemd and without a network."""

import contextlib
import subprocess
from types import SimpleNamespace

from overlay import mount_over

NSPAWN = ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--pipe", "--private-network"]
NSPAWN += ["--resolv-conf=off", "--setenv=DEBIAN_FRONTEND=noninteractive"]


def run(*command):
    words = [*map(str, command)]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout.strip()


def check(*command):
    status, output = run(*command)
    assert status == 0, output
    return output


@contextlib.contextmanager
def container(base, folder, *options):
    """What its commands change lies over the base, in `folder`. It yields their root, `run` and `check`."""
    root = mount_over(base, folder)
    nspawn = [*NSPAWN, f"--directory={root}", *options]
    # nspawn's own words are no part of the output.
    inside = ["sh", "-c", '"$@" 2>/dev/null', "sh", *nspawn, "sh", "-c", 'exec "$@" 2>&1', "sh"]
    try:
        yield SimpleNamespace(
            root=root, run=lambda *command: run(*inside, *command), check=lambda *command: check(*inside, *command)
        )
    finally:
        check("umount", "--lazy", root)
