"""ops/api-keys: the keys of clients in a file, and what it refuses."""

import hashlib
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from shop.api_keys import command, files_with, key_ids, new_key
from shop.stack import ROOT


@pytest.fixture
def file(tmp_path):
    return tmp_path / "api-keys"


def refused(*arguments):
    """The one line with which the command refuses."""
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    return line


def test_a_new_key(file):
    """It is shown once; the file, which is for its owner only, has its SHA-256."""
    done = command("add", file, "warehouse", "orders:read", "products:write", "orders:read")
    key = done.stdout.strip()
    assert re.fullmatch("airship_[A-Za-z0-9_-]{43}", key)
    digest = hashlib.sha256(key.encode()).hexdigest()
    assert re.fullmatch(rf"warehouse orders:read,products:write {digest} \d{{4}}-\d\d-\d\d\n", file.read_text())
    assert file.stat().st_mode & 0o777 == 0o600
    assert digest[:8] in done.stderr and key not in done.stderr
    assert files_with(key, file.parent) == []


def test_keys_are_never_the_same(file):
    keys = {new_key(file, "a", "orders:read") for _ in range(20)}
    assert len(keys) == len(set(key_ids(file, "a"))) == 20


def test_several_keys_of_one_client_and_their_end(file):
    """So a client changes its key without a gap."""
    for name in ("a", "b", "a"):
        new_key(file, name, "orders:read")
    old, new = key_ids(file, "a")
    done = command("revoke", file, old)
    assert (done.returncode, done.stdout) == (0, "") and f"{old} of a" in done.stderr
    assert key_ids(file, "a") == [new] and len(key_ids(file, "b")) == 1
    assert "no key has the id" in refused("revoke", file, old)
    for key_id in [new, *key_ids(file, "b")]:
        assert command("revoke", file, key_id).returncode == 0
    assert file.read_text() == "" and command("list", file).stdout == ""


def test_comments_stay(file):
    file.write_text("# ours\n\n# without an end")
    file.chmod(0o600)
    new_key(file, "a", "orders:read")
    assert command("revoke", file, *key_ids(file, "a")).returncode == 0
    assert file.read_text() == "# ours\n\n# without an end\n"


def test_many_at_once(file):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: new_key(file, f"n{number}", "orders:read"), range(24)))
    assert len(file.read_text().splitlines()) == 24


WRONG = {
    "no arguments": [],
    "no scope": ["add", "{file}", "a"],
    "another scope": ["add", "{file}", "a", "orders:delete"],
    "a scope of nothing": ["add", "{file}", "a", ""],
    "two scopes in one": ["add", "{file}", "a", "orders:read,orders:write"],
    "a capital": ["add", "{file}", "A", "orders:read"],
    "a blank": ["add", "{file}", "a b", "orders:read"],
    "a line": ["add", "{file}", "a\nb", "orders:read"],
    "too long": ["add", "{file}", "a" * 65, "orders:read"],
    "nginx's syntax": ["add", "{file}", 'a";', "orders:read"],
    "no folder": ["add", "/nowhere/keys", "a", "orders:read"],
    "no file": ["list", "/nowhere/keys"],
    "no id": ["revoke", "{file}"],
    "a name": ["revoke", "{file}", "warehouse"],
    "a pattern": ["revoke", "{file}", "........"],
    "another command": ["show", "{file}"],
}


@pytest.mark.parametrize("arguments", WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_changes_nothing(file, arguments):
    new_key(file, "warehouse", "orders:read")
    before = file.read_bytes()
    refused(*[argument.format(file=file) for argument in arguments])
    assert file.read_bytes() == before and [path.name for path in file.parent.iterdir()] == ["api-keys"]


def test_a_file_that_others_can_read_is_refused(file):
    new_key(file, "a", "orders:read")
    file.chmod(0o640)
    for arguments in (["add", file, "b", "orders:read"], ["list", file], ["revoke", file, "x"]):
        assert "chmod 600" in refused(*arguments)


def test_a_full_disk_loses_no_key(file):
    """A limit for the size of files is a disk that is full."""
    new_key(file, "a" * 64, "orders:read")
    file.write_text("# " + 2000 * "x" + "\n" + file.read_text())
    before = file.read_bytes()
    words = ["bash", "-c", 'ulimit -f 1; trap "" XFSZ; exec "$@"', "sh", ROOT / "ops/api-keys", "add", file, "b"]
    done = subprocess.run([*words, "orders:read"], capture_output=True, text=True, env=os.environ, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"api-keys: cannot write {file}; it is as it was\n"
    assert file.read_bytes() == before and [path.name for path in file.parent.iterdir()] == ["api-keys"]
