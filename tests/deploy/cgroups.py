"""A cgroup of its own for each host; without one, all hosts would share theirs."""

import contextlib
import os
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
UNIFIED = (ROOT / "cgroup.controllers").exists()  # Version 2 alone. Otherwise version 1, perhaps with 2 beside it.
# Those of version 1 in which a host's systemd makes groups of its own. The limits of units need memory and pids.
HIERARCHIES = [ROOT / name for name in ("systemd", "unified", "memory", "pids")]
# In a host, version 1's are read-only, and systemd does without those limits. So this makes them writable before systemd
# starts. With version 2, systemd's groups are writable anyway.
MAKE_WRITABLE = "for name in memory pids; do mount -o remount,bind,rw /sys/fs/cgroup/$name; done"


class Cgroup:
    def __init__(self, name):
        hierarchies = [ROOT] if UNIFIED else [each for each in HIERARCHIES if each.is_dir()]
        self._folders = [each / name for each in hierarchies]
        self.prepare_host = ":" if UNIFIED else MAKE_WRITABLE

    def make(self):
        if UNIFIED:
            with contextlib.suppress(OSError):  # Enabled already, or not to be had.
                (ROOT / "cgroup.subtree_control").write_text("+memory +pids")
        for folder in self._folders:
            folder.mkdir(exist_ok=True)

    def enter(self):
        """Puts this process there."""
        for folder in self._folders:
            (folder / "cgroup.procs").write_text(str(os.getpid()))

    def delete(self):
        """What was in it must have ended."""
        for folder in self._folders:
            for path, _, _ in os.walk(folder, topdown=False):
                with contextlib.suppress(OSError):  # A process that has just ended holds it a little longer.
                    os.rmdir(path)
