"""CPU time and memory of a stack's parts, by the kernel's counts; and the speed of the machine and its disk."""

import os
import tempfile
import time
from pathlib import Path

from shop.stack import children

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PARTS = {"nginx": ["nginx"], "worker": ["products", "orders"], "redis": ["redis"], "postgres": ["postgres"]}


def cpu_seconds(stack):
    """The CPU time that each part has used so far, including its processes that have ended."""
    ticks_of = {part: sum(tree_ticks(stack.pid(name)) for name in names) for part, names in PARTS.items()}
    return {part: ticks / TICKS_PER_SECOND for part, ticks in ticks_of.items()}


def tree_ticks(root):
    """The CPU time of a process and all its children, dead ones too."""
    return sum(ticks_in(stat(root))) + sum(sum(ticks_in(stat(child))[:2]) for child in children(root))


def ticks_in(stat_line):
    """utime, stime, cutime, cstime in /proc/PID/stat (proc(5)). The name before them may contain anything."""
    fields = stat_line.rpartition(") ")[2].split()
    return [int(field) for field in fields[11:15]] or [0]


def stat(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # It has ended: its CPU time now counts for its parent.
        return ""


def private_bytes(pid):
    """The memory that the process shares with no other (smaps_rollup in proc(5))."""
    return private_of(Path(f"/proc/{pid}/smaps_rollup").read_text())


def private_of(smaps_rollup):
    lines = [line.split() for line in smaps_rollup.splitlines()]
    return sum(int(line[1]) * 1024 for line in lines if line[0].startswith("Private_"))


def computing_seconds():
    """The CPU time of a fixed piece of work. Waiting for a CPU does not count."""
    begin = time.thread_time()
    sum(number * number for number in range(20_000))
    return time.thread_time() - begin


def sync_seconds(folder, times=30):
    """The mean time in which the folder's disk stores 8 kB for good. Each acknowledged write waits for that."""
    with tempfile.NamedTemporaryFile(dir=folder, buffering=0) as file:
        begin = time.perf_counter()
        for _ in range(times):
            file.write(bytes(8192))
            os.fdatasync(file.fileno())
        return (time.perf_counter() - begin) / times
