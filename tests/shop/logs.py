"""The errors in the logs of the shops that the tests have started: each of them once."""

import re
from pathlib import Path

# nginx's own levels, or a worker's. What comes from outside is escaped in a worker's line, so it cannot look like this.
ERROR = re.compile(r'^\S+ \S+ \[(error|crit|alert|emerg)\] |"level":"error"')
OTHERS = {"nginx-access.log", "postgres.log", "redis.log"}

_watched = []


def watch(run_dir):
    """From now on the errors of the shop in this folder are among the new ones. What its logs hold already is not."""
    _watched.append(_Logs(Path(run_dir) / "log"))


def new_errors():
    """The lines that have come since this was asked last."""
    return [line for logs in _watched for line in logs.new_lines() if ERROR.search(line)]


class _Logs:
    def __init__(self, folder):
        self._folder = folder
        self._read = {path: path.stat().st_size for path in self._paths()}

    def new_lines(self):
        for path in self._paths():
            with path.open("rb") as file:
                begin = self._read.get(path, 0)
                # A shop that was wiped has begun its logs anew.
                file.seek(begin if begin <= path.stat().st_size else 0)
                for line in file:
                    yield line.decode(errors="replace").rstrip("\n")
                self._read[path] = file.tell()

    def _paths(self):
        return [path for path in sorted(self._folder.glob("*.log")) if path.name not in OTHERS]
