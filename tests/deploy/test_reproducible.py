"""Two builds of one commit, in different folders, give the same bytes."""

import hashlib
import subprocess

import debs


def test_two_builds_give_the_same_bytes(packages, tmp_path):
    other = tmp_path / "another/folder"
    debs.export(other)
    built = subprocess.run([other / "ops/dev/build-deb.sh"], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    for package in packages:
        twin = other / "build/deb/out" / package.name
        assert hashlib.sha256(twin.read_bytes()).digest() == hashlib.sha256(package.read_bytes()).digest(), package.name
