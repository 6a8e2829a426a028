"""The alerts of a disk fire with a disk that is full, on a small one of its own."""

import os
import shutil
import subprocess
from contextlib import contextmanager

import pytest

from shop.stack import run, wait_for

SIZE = 64 * 1024 * 1024


@contextmanager
def mounted(image, folder):
    """A new file system in a file. The rules pass over those in memory."""
    with image.open("wb") as file:
        file.truncate(SIZE)
    folder.mkdir()
    made = run("mkfs.ext4", "-q", "-m", "0", str(image))
    assert made[0] == 0, made
    if run("mount", "-o", "loop", str(image), str(folder))[0] != 0:
        pytest.skip("only where root may mount a file")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture
def disk(tmp_path):
    with mounted(tmp_path / "image", tmp_path / "disk") as folder:
        yield folder


def firing(watch, disk):
    """The alerts about this disk. Others may be about the machine."""
    labels = [alert["labels"] for alert in watch.all_alerts()]
    return {of["alertname"] for of in labels if of.get("mountpoint") == str(disk)}


def fill(disk, share):
    with (disk / "junk").open("ab") as file:
        os.posix_fallocate(file.fileno(), 0, int(shutil.disk_usage(disk).total * share))


def test_a_disk_that_fills_up(watch, disk):
    free = f'node_filesystem_avail_bytes{{mountpoint="{disk}"}} / node_filesystem_size_bytes'
    wait_for(lambda: watch.query(f"{free} > 0.8"), "the disk is seen")
    fill(disk, 0.2)
    wait_for(lambda: watch.query(f"{free} < 0.8"), "a part of it is seen to be used")
    assert not firing(watch, disk)
    fill(disk, 0.6)
    wait_for(lambda: firing(watch, disk) == {"ShopDiskFillsUp"}, "it is seen to fill up", 90)
    fill(disk, 0.95)
    wait_for(lambda: firing(watch, disk) == {"ShopDiskFillsUp", "ShopDiskFull"}, "it is full")
    (disk / "junk").unlink()
    wait_for(lambda: not firing(watch, disk), "there is room again")
