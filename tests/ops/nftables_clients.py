"""For test_nftables.py, as the first process of a new network namespace. It loads the rules, and lets clients of another
namespace open connections without sending a whole head. It prints how many connections each client has got."""

import json
import subprocess
import sys

SERVER = """
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
listener = socket.create_server(("::", 8000), family=socket.AF_INET6, dualstack_ipv6=True, backlog=4096)
print("ready", flush=True)
held = []
while True:
    held.append(listener.accept())
"""

# Tries to open WANTED connections from SOURCE. Keeps those that it gets until its input ends.
CLIENT = """
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
source, server, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
held = []
for _ in range(wanted):
    try:
        held.append(socket.create_connection((server, 8000), 5, (source, 0)))
        held[-1].send(b"G")
    except OSError:
        pass
print(len(held), flush=True)
sys.stdin.read()
"""


def run(command):
    subprocess.run(command.split(), check=True)


def python(*words, inside=()):
    return subprocess.Popen(
        [*inside, sys.executable, "-c", *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def main(rules):
    others = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec sleep 300"], stdout=subprocess.PIPE)
    others.stdout.readline()
    inside = ["nsenter", f"--net=/proc/{others.pid}/ns/net"]
    run("ip link set lo up")
    run(f"ip link add shop type veth peer name clients netns {others.pid}")
    run("ip address add 10.99.0.1/24 dev shop")
    run("ip address add fd99:0::1/32 dev shop nodad")
    run("ip link set shop up")
    for address in ("10.99.0.2/24", "10.99.0.3/24", "fd99:0:1::2/32", "fd99:0:1::3/32", "fd99:0:2::2/32"):
        run(
            " ".join([*inside, "ip", "address", "add", address, "dev", "clients"])
            + (" nodad" if ":" in address else "")
        )
    run(" ".join([*inside, "ip", "link", "set", "clients", "up"]))
    for _ in range(2):  # The rules may be loaded again.
        run(f"nft -f {rules}")

    server = python(SERVER)
    server.stdout.readline()
    clients, held = [server], {}
    for name, source, target, wanted in json.load(sys.stdin):
        client = python(CLIENT, source, target, wanted, inside=[] if source in ("127.0.0.1", "::1") else inside)
        held[name] = int(client.stdout.readline())
        clients.append(client)
    json.dump(held, sys.stdout)
    for process in [*clients, others]:
        process.kill()
        process.wait()


main(sys.argv[1])
