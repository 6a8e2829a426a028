"""Network namespaces: one for a lab, with a bridge and an address of the lab's own, and one for each host. No route
leads out of them, so that several labs may have the same addresses."""

import contextlib
import ctypes
import ipaddress
import os
import subprocess
from pathlib import Path

NAMED = Path("/run/netns")
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)

# Everything is dropped but what the host says to itself.
SILENT = """
table inet silent {
  chain in { type filter hook input priority -300; iif != lo drop; }
  chain out { type filter hook output priority -300; oif != lo drop; }
}
"""


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def delete(name):
    """A namespace that is not there is no error. What is in it (links, addresses, nftables' rules) goes with it."""
    if (NAMED / name).exists():
        ip("netns", "del", name)


def move_into(name):
    """Moves this thread, and so the threads and the processes that it starts, into the namespace. Returns a function
    that moves it back."""
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    with open(NAMED / name, encoding="utf-8") as namespace:
        _set_namespace(namespace.fileno())

    def move_back():
        _set_namespace(before)
        os.close(before)

    return move_back


@contextlib.contextmanager
def inside(name):
    move_back = move_into(name)
    try:
        yield
    finally:
        move_back()


def _set_namespace(descriptor):
    if LIBC.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Network:
    """The lab's own namespace and its bridge. The lab has the first address of the subnet."""

    def __init__(self, name, subnet):
        self.name = name
        self.subnet = ipaddress.ip_network(subnet)

    def make(self):
        ip("netns", "add", self.name)
        ip("-n", self.name, "link", "set", "lo", "up")
        ip("-n", self.name, "link", "add", "bridge", "type", "bridge")
        ip("-n", self.name, "addr", "add", f"{self.subnet[1]}/{self.subnet.prefixlen}", "dev", "bridge")
        ip("-n", self.name, "link", "set", "bridge", "up")

    def delete(self):
        delete(self.name)


class Cable:
    """Connects a host's namespace with the lab's bridge."""

    def __init__(self, network, host, address):
        self.namespace = f"{network.name}-{host}"
        self._network = network
        self._host = host
        self._address = address

    def plug_in(self):
        lab, host = self._network.name, self.namespace
        ip("netns", "add", host)
        ip("-n", lab, "link", "add", self._host, "type", "veth", "peer", "name", "host0", "netns", host)
        ip("-n", lab, "link", "set", self._host, "master", "bridge", "up")
        # After a reboot it is the same one, as the other hosts believe.
        ip("-n", host, "link", "set", "host0", "address", f"02:00:{self._address.packed.hex(':')}")
        ip("-n", host, "addr", "add", f"{self._address}/{self._network.subnet.prefixlen}", "dev", "host0")
        ip("-n", host, "link", "set", "host0", "up")
        ip("-n", host, "link", "set", "lo", "up")

    def pull_out(self):
        """Nobody answers at the address any more, not even with a refusal. The namespace lives for as long as a process is
        in it, so the link goes first."""
        subprocess.run(["ip", "-n", self._network.name, "link", "del", self._host], check=False, capture_output=True)
        delete(self.namespace)

    def fall_silent(self):
        """Drops each packet from and to other hosts."""
        with inside(self.namespace):
            subprocess.run(["nft", "-f", "-"], input=SILENT, check=True, text=True)

    def speak_again(self):
        with inside(self.namespace):
            subprocess.run(["nft", "delete", "table", "inet", "silent"], check=True)
