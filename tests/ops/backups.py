"""The commands that back up and restore a shop."""

import os
import re
import subprocess

from shop.stack import ROOT, run, wait_for


def ops(shop, command, *arguments, **settings):
    environment = {"PATH": os.environ["PATH"], "RUN_DIR": str(shop.run_dir)} | settings
    status, output = run(ROOT / f"ops/{command}.sh", *map(str, arguments), environment=environment)
    return status, output.strip()


def back_up(shop, folder):
    """Makes a backup. Returns how long writes waited, in ms."""
    status, said = ops(shop, "backup", folder)
    assert status == 0, said
    return float(re.search(r"writes waited for ([0-9.]+) ms", said).group(1))


def write_sums(folder, *files):
    sums = subprocess.run(["sha256sum", *files], cwd=folder, capture_output=True, check=True)
    (folder / "SHA256SUMS").write_bytes(sums.stdout)


def restore(shop, folder):
    status, said = ops(shop, "restore", folder)
    assert (status, said) == (0, f"restored from {folder}")
    wait_for(lambda: not shop.redis.exists("stock:pending"), "the reconciler finishes the pending movements")
