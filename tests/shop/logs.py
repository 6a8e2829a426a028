"""The errors in the logs of the shops that the tests have started. Each error is reported once."""

import re
from pathlib import Path

# A line of nginx's or of a worker's. Workers escape what comes from outside, so a client cannot write such a line.
ERROR = re.compile(r'^\S+ \S+ \[(error|crit|alert|emerg)\] |"level":"error"')
OTHERS = {"nginx-access.log", "postgres.log", "redis.log"}

_watched = []


def watch(run_dir):
    """From now on new_errors() has the errors of the shop in this folder, except those that are in its logs already."""
    _watched.append(_Logs(Path(run_dir) / "log"))


def new_errors():
    """The lines that have come since the last call."""
    return [line for logs in _watched for line in logs.new_lines() if ERROR.search(line)]


class _Logs:
    def __init__(self, folder):
        self._folder = folder
        self._read = {path: path.stat().st_size for path in self._paths()}

    def new_lines(self):
        for path in self._paths():
            with path.open("rb") as file:
                begin = self._read.get(path, 0)
                # A shop that was wiped has new logs.
                file.seek(begin if begin <= path.stat().st_size else 0)
                for line in file:
                    yield line.decode(errors="replace").rstrip("\n")
                self._read[path] = file.tell()

    def _paths(self):
        return [path for path in sorted(self._folder.glob("*.log")) if path.name not in OTHERS]
