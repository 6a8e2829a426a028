"""API keys for a shop under test, made as an operator makes them."""

import subprocess
from pathlib import Path

from shop.stack import ROOT

SCOPES = ("products:read", "products:write", "orders:read", "orders:write")


def command(*arguments):
    return subprocess.run([ROOT / "ops/api-keys", *arguments], capture_output=True, text=True, timeout=60)


def new_key(file, name, *scopes):
    """Adds a key to the file."""
    done = command("add", file, name, *scopes)
    assert done.returncode == 0, done
    return done.stdout.strip()


def key_ids(file, name):
    """The ids of a client's keys, the oldest first."""
    lines = [line.split() for line in command("list", file).stdout.splitlines()]
    return [words[0] for words in lines if words[1] == name]


def files_with(text, folder):
    """The files below the folder that have this text in them."""
    files = [path for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink()]
    assert files
    return [path for path in files if text.encode() in bytes_of(path)]


def bytes_of(path):
    """None of a file that has been removed, as nginx does with those of its cache."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
