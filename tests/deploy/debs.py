"""The shop's packages, and other versions of them."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from base_root import one_at_a_time
from shop.stack import ROOT

OUT = ROOT / "build" / "deb" / "out"
ORDERS_WORKER = "usr/lib/airship-shop/orders-worker"
NGINX_CONF = "usr/share/airship-shop-edge/nginx/nginx.conf"


def built():
    """The packages of this checkout, which it builds first if they are not the newest."""
    with one_at_a_time():
        done = subprocess.run([ROOT / "ops/dev/build-deb.sh"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return [Path(ROOT / line) for line in done.stdout.splitlines() if line.endswith(".deb") and "-dbgsym_" not in line]


def export(folder):
    """Another checkout: the last commit, and what has been changed since in the files that git knows."""
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    changes = subprocess.run(["git", "diff", "--binary", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    if changes:
        subprocess.run(["git", "apply"], cwd=folder, input=changes, check=True)


def version(packages):
    return packages[0].name.split("_")[1]


def other_version(packages, version, change=lambda root: None):
    """Packages that differ from these in their version and in what `change` does to their files. A build of that version
    would take a minute, and its programs would do the same."""
    folder = Path(tempfile.mkdtemp(prefix="debs-", dir=OUT.parent))
    try:
        return [_repacked(deb, version, change, folder) for deb in packages]
    finally:
        shutil.rmtree(folder / "root", ignore_errors=True)


def _repacked(deb, version, change, folder):
    root = folder / "root"
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["dpkg-deb", "--raw-extract", deb, root], check=True)
    control = root / "DEBIAN/control"
    old = deb.name.split("_")[1]
    control.write_text(control.read_text().replace(f"Version: {old}\n", f"Version: {version}\n"))
    change(root)
    target = folder / deb.name.replace(f"_{old}_", f"_{version}_")
    command = ["dpkg-deb", "-Zgzip", "-z1", "--root-owner-group", "--build", root, target]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return target


def with_workers_that_exit(root):
    """A change for other_version()."""
    if (root / ORDERS_WORKER).exists():
        (root / ORDERS_WORKER).write_text('#!/bin/sh\n[ "$1" = --check-config ]\n')


def with_a_wrong_configuration(root):
    """A change for other_version()."""
    if (root / NGINX_CONF).exists():
        with (root / NGINX_CONF).open("a") as file:
            file.write("nonsense;\n")
