"""A stack's processes, files, users and addresses; and that no other stack shares them."""

import ipaddress
import os
import pwd
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from shop.dev_stack import IS_ROOT, SETTINGS, DevStack, Checkout, command_name, temp_folder
from shop.samples import make_order, make_product
from shop.stack import children

# Names of the processes in ps and in pids/.
NAMES = {
    "postgres": "postgres",
    "redis": "redis-server",
    "reconciler": "multiwatch",
    "products": "multiwatch",
    "orders": "multiwatch",
    "nginx": "nginx",
}
# Users of the processes in a stack of root's. All others, the workers and their supervisors, are airship-shop's.
USERS = {"postgres": "postgres", "redis-server": "redis", "nginx": "www-data"}
LISTENING = "0A"


def owner(pid):
    return pwd.getpwuid(os.stat(f"/proc/{pid}").st_uid).pw_name


def test_processes_have_telling_names(shop):
    for part, name in NAMES.items():
        assert command_name(shop.pid(part)) == name
    for pool in ("products", "orders"):
        workers = [command_name(pid) for pid in children(shop.pid(pool))]
        # The kernel keeps 15 characters of a name: as many as "products-worker" has.
        assert workers == [f"{pool}-worker"] * int(SETTINGS[f"{pool.upper()}_WORKERS"])


def test_everything_is_in_its_place(shop):
    for path in ("postgres/.s.PGSQL.5432", "redis/redis.sock", "products.sock", "orders.sock"):
        assert (shop.run_dir / path).is_socket(), path
    for path in ("postgres", "redis", "nginx", "log", "pids"):
        assert (shop.run_dir / path).is_dir(), path
    assert {path.name for path in (shop.run_dir / "pids").iterdir()} == {f"{part}.pid" for part in NAMES}


def test_nothing_runs_as_root(shop):
    me = pwd.getpwuid(os.geteuid()).pw_name
    for pid in shop.processes():
        name = command_name(pid)
        assert owner(pid) == (USERS.get(name, "airship-shop") if IS_ROOT else me), name


def test_no_process_interrupts_the_one_that_woke_it(shop):
    assert {command_name(pid) for pid in shop.processes() if os.sched_getscheduler(pid) != os.SCHED_BATCH} == set()


def test_nothing_listens_on_tcp_but_nginx(shop):
    """Looks at the sockets of every process."""
    listening = listening_sockets()
    held = [(pid, inode) for pid in shop.processes() for inode in sockets(pid) if inode in listening]
    found = {(command_name(pid), listening[inode]) for pid, inode in held}
    assert found == {("nginx", f"127.0.0.1:{shop.port}"), ("nginx", f"::1:{shop.port}")}


def listening_sockets():
    """The addresses of all listening TCP sockets, by inode."""
    found = {}
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING:
                address, port = fields[1].split(":")
                found[fields[9]] = f"{readable(address)}:{int(port, 16)}"
    return found


def readable(address):
    """/proc shows an address as 32-bit numbers in the machine's byte order, which is the reverse of the network's."""
    numbers = [bytes.fromhex(address[start : start + 8])[::-1] for start in range(0, len(address), 8)]
    return str(ipaddress.ip_address(b"".join(numbers)))


def sockets(pid):
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(entry)
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            yield target[len("socket:[") : -1]


def test_two_stacks_side_by_side(shop, new_stack):
    other = new_stack()
    before = shop.pids()
    other.up()
    make_product(shop.api, "here")
    make_product(other.api, "there")
    make_order(shop.api, {"product_id": "here", "price": "1", "quantity": 1})

    assert shop.api("GET /products/there").status == other.api("GET /products/here").status == 404
    assert other.api("GET /orders").json == []
    assert not set(shop.processes()) & set(other.processes())
    assert other.run("status").status == 0

    other.close()
    assert other.run("reset").status == 0
    assert shop.pids() == before
    assert shop.api("GET /health").status == 200


@pytest.fixture
def closed_stack():
    """A stack in a folder like root's home: no other user can enter it."""
    home = Path(temp_folder())
    home.chmod(0o700)
    stack = DevStack(home / "run")
    yield stack
    stack.remove()
    home.rmdir()


def test_a_folder_that_is_closed_to_others(closed_stack):
    """If root starts the daemons, their users cannot enter it either. The data then lie elsewhere, behind a link."""
    closed_stack.up()
    place = closed_stack.run_dir.resolve()
    make_product(closed_stack.api)
    assert closed_stack.redis.exists("products:the_odyssey") == 1
    before = closed_stack.pids()
    closed_stack.up()
    assert closed_stack.pids() == before

    closed_stack.down()
    closed_stack.up()
    assert closed_stack.api("GET /products/the_odyssey").status == 200
    assert closed_stack.run("status").status == 0

    closed_stack.close()
    assert closed_stack.run("reset").status == 0
    assert not place.exists() and not os.path.lexists(closed_stack.run_dir)


@pytest.fixture
def users_stack():
    """A stack of an ordinary user: of the user nobody, if root runs the tests."""
    user = "nobody" if IS_ROOT else None
    folder = Path(temp_folder())
    checkout = Checkout(folder / "checkout")
    home = folder / "home"
    home.mkdir()
    if user:
        os.chown(home, pwd.getpwnam(user).pw_uid, -1)
    stack = DevStack(home / "run", checkout, user)
    yield stack
    stack.remove()
    subprocess.run(["rm", "-r", folder], check=True)


def test_an_ordinary_user_has_a_stack(users_stack):
    users_stack.up()
    assert {owner(pid) for pid in users_stack.processes()} == {users_stack.user or pwd.getpwuid(os.geteuid()).pw_name}
    make_product(users_stack.api)
    make_order(users_stack.api)
    assert users_stack.run("status").status == 0
    if IS_ROOT:
        # Root's commands refuse it: they would leave files that its owner cannot remove.
        users_stack.user = None
        for command in ("up", "down", "reset"):
            assert "belongs to user nobody" in users_stack.run(command).complaint
        users_stack.user = "nobody"
    assert users_stack.api("GET /health").status == 200


def test_a_users_logout_does_not_harm_the_stack(users_stack):
    """At a logout systemd removes the user's files in /dev/shm and System V memory (logind.conf, RemoveIPC)."""
    users_stack.up()
    make_product(users_stack.api)
    order_id = make_order(users_stack.api)
    before = users_stack.pids()
    processes = set(users_stack.processes())
    assert {path for pid in processes for path in used_files(pid) if path.startswith("/dev/shm/")} == set()
    files = list(users_stack.run_dir.rglob("*"))
    assert files and not any(path.is_symlink() for path in files)
    segments = [line.split() for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]]
    segments = [words[1] for words in segments if int(words[4]) in processes]
    assert segments
    for segment in segments:
        subprocess.run(["ipcrm", "--shmem-id", segment], check=True)

    assert users_stack.api(f"GET /orders/{order_id}").status == 200
    assert make_order(users_stack.api) > order_id
    assert users_stack.api("GET /orders").status == users_stack.api("GET /health").status == 200
    users_stack.up()
    assert users_stack.pids() == before
    users_stack.down()
    users_stack.up()
    assert users_stack.api(f"GET /orders/{order_id}").status == 200


def used_files(pid):
    """The files that a process has open, or mapped into memory."""
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            yield os.readlink(entry)
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        yield line.split(maxsplit=5)[-1]
