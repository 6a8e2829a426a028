"""A lab: hosts in a network of their own, on this machine."""

import ipaddress
import json
import os
import shutil
import subprocess
import zlib

import namespaces
from apt_folder import AptFolder
from base_root import CACHE, BaseRoot, one_at_a_time
from host import Host

SUBNET = "10.77.0.0/24"
HOSTS = "hosts.json"

# Each look at a host is a connection. The default key exchange has a second part, against computers of the future, that
# takes most of a connection's CPU.
SSH_CONFIG = """
Host *
  KexAlgorithms curve25519-sha256
  User root
  IdentityFile {key}
  IdentitiesOnly yes
  UserKnownHostsFile /dev/null
  StrictHostKeyChecking no
  LogLevel ERROR
  ConnectTimeout 5
  ServerAliveInterval 5
"""


class Lab:
    """Hosts by name: `lab["h1"]`. Another process may go on with a lab, by its name."""

    def __init__(self, name, subnet=SUBNET):
        self.folder = CACHE / "labs" / name
        # Names of namespaces and cgroups are the machine's. Two checkouts may have labs of one name.
        checkout = zlib.crc32(str(CACHE).encode())
        self.network = namespaces.Network(f"{name}-{checkout:08x}", subnet)
        self.apt = AptFolder(self.folder / "apt", BaseRoot().debs)
        self.ssh_config = self.folder / "ssh_config"
        self._hosts = self._known_hosts()

    def __getitem__(self, name):
        return self._hosts[name]

    def __iter__(self):
        return iter(self._hosts.values())

    def up(self, addresses):
        """Boots hosts: `addresses` by name. A lab of this name that is there is taken down first."""
        self.down()
        BaseRoot().make()
        self.folder.mkdir(parents=True)
        (self.folder / HOSTS).write_text(json.dumps(addresses))
        self._hosts = self._known_hosts()
        self.network.make()
        self.apt.make()
        files = self._files()
        for host in self:
            host.make(BaseRoot().root, files | {"/etc/hostname": f"{host.name}\n"})
        self.boot()

    def boot(self):
        """All hosts at once."""
        for host in self:
            host.switch_on()
        for host in self:
            host.wait_until_up()

    def down(self):
        """Leaves nothing; a lab that is not there is no error."""
        for host in self:
            host.remove()
        self.network.delete()
        shutil.rmtree(self.folder, ignore_errors=True)

    def inside(self):
        """`with lab.inside():` this thread, and what it starts, is in the lab's network."""
        return namespaces.inside(self.network.name)

    def _known_hosts(self):
        try:
            addresses = json.loads((self.folder / HOSTS).read_text())
        except FileNotFoundError:
            return {}
        return {name: Host(name, ipaddress.ip_address(address), self) for name, address in addresses.items()}

    def _files(self):
        """What each host has from the beginning: the lab's key, and the names of all hosts, as a DNS would have them."""
        key = self.folder / "id_ed25519"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", key], check=True)
        addresses = "".join(f"{host.address} {host.name}\n" for host in self)
        known = "".join(f"Host {host.name}\n  HostName {host.address}\n" for host in self)
        self.ssh_config.write_text(known + SSH_CONFIG.format(key=key))
        return {
            "/root/.ssh/authorized_keys": key.with_suffix(".pub").read_text(),
            "/etc/hosts": f"127.0.0.1 localhost\n::1 localhost\n{addresses}",
        }


def why_impossible():
    """Why this machine cannot boot such hosts, or None."""
    if os.geteuid() != 0:
        return "it needs root"
    for program in ("systemd-nspawn", "mmdebstrap", "nft", "ip", "ssh", "ansible-playbook"):
        if shutil.which(program) is None:
            return f"there is no {program}"
    with one_at_a_time():
        return _fault_of_trial()


def _fault_of_trial():
    """Tries what a container may be forbidden: namespaces, overlays, cgroups."""
    lab = Lab("trial")
    lab.down()
    host = Host("host", lab.network.subnet[2], lab)
    base = lab.folder / "base"
    base.mkdir(parents=True)
    try:
        lab.network.make()
        host.make(base, {})
        host.connect()
    except (OSError, subprocess.CalledProcessError) as error:
        return f"{error} {getattr(error, 'stderr', '')}"
    finally:
        host.remove()
        lab.down()
    return None
