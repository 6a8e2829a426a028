"""Two builds of one commit, in different folders, give the same bytes."""

import hashlib
import subprocess

from shop.stack import ROOT


def test_two_builds_give_the_same_bytes(packages, tmp_path):
    other = tmp_path / "another/folder"
    subprocess.run(["git", "clone", "--quiet", ROOT, other], check=True)
    changes = subprocess.run(["git", "diff", "--binary", "HEAD"], cwd=ROOT, check=True, capture_output=True).stdout
    if changes:
        subprocess.run(["git", "apply"], cwd=other, input=changes, check=True)
    built = subprocess.run([other / "ops/dev/build-deb.sh"], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    for package in packages:
        twin = other / "build/deb/out" / package.name
        assert hashlib.sha256(twin.read_bytes()).digest() == hashlib.sha256(package.read_bytes()).digest(), package.name
