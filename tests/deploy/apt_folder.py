"""The apt repository of a lab: a folder that each host sees at /srv/apt, read-only."""

import os
import shutil
import subprocess


class AptFolder:
    """Debian's packages, and those that were published. Several versions of a package may be there."""

    def __init__(self, path, debian):
        self.path = path
        self._debian = debian  # The folder of Debian's packages, with their index.
        self._published = path / "published"

    def make(self):
        self._published.mkdir(parents=True)
        for deb in self._debian.glob("*.deb"):
            os.link(deb, self.path / deb.name)
        self._write_index()

    def publish(self, debs):
        """Adds packages; the hosts see them after `apt-get update`."""
        for deb in debs:
            shutil.copy(deb, self._published)
        self._write_index()

    def _write_index(self):
        command = ["dpkg-scanpackages", "--multiversion", "published"]
        ours = subprocess.run(command, cwd=self.path, check=True, capture_output=True).stdout
        index = self.path / "Packages"
        index.with_suffix(".new").write_bytes((self._debian / "Packages").read_bytes() + ours)
        index.with_suffix(".new").rename(index)
