"""Whatever a hijacked daemon or another user prepares: root's commands do not touch root's own files."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from shop.dev_stack import IS_ROOT, DevStack, content, identity, temp_folder

pytestmark = pytest.mark.skipif(not IS_ROOT, reason="only root's daemons run as other users")

NOBODY = pwd.getpwnam("nobody")

# The folders in which each daemon's user may write, and so can put links.
LEAVES = {
    "postgres": {"postgres"},
    "redis": {"redis"},
    "airship-shop": set(),
    "www-data": {"nginx/run", "nginx/temp", "nginx/cache_orders"},
}

# Down to the third level it replaces everything that the user can rename by a link: a folder by a link to root's
# folder, a file by a link to root's file. It also makes links under names that the commands might use. It prints the
# folders where it could do so.
PLANT = """
import os, sys
target = sys.argv[1]
NAMES = ["conf.new", "data.new", "nginx.pid", "orders.sock.new", "orders.env.new", "postmaster.pid", "redis.conf", "x.log"]
for folder, folders, files in os.walk(".", topdown=False):
    if folder.count("/") > 2:
        continue
    for name in folders + files + NAMES:
        path = os.path.join(folder, name)
        try:
            is_folder = os.path.isdir(path)
            if os.path.lexists(path):
                os.rename(path, f"{path}.aside.{os.getpid()}")
            os.symlink(target if is_folder or name.endswith(".new") else f"{target}/shadow", path)
            print(folder[len("./"):])
        except OSError:
            pass
"""


def plant(stack, user, target):
    """Plants links as this user. Returns the topmost folders in which that was possible."""
    command = [sys.executable, "-c", PLANT, target]
    done = subprocess.run(command, cwd=stack.run_dir, capture_output=True, text=True, check=True, **identity(user))
    folders = set(done.stdout.splitlines())
    return {folder for folder in folders if not any(folder.startswith(f"{other}/") for other in folders)}


@pytest.mark.parametrize("user", LEAVES)
def test_links_of_a_daemon_lead_root_nowhere(new_stack, secrets, user):
    stack = new_stack()
    stack.up()
    assert plant(stack, user, secrets) == LEAVES[user]
    for command in ("up", "down", "up"):
        stack.run(command)  # A daemon whose data were renamed may fail to start.
        assert plant(stack, user, secrets) == LEAVES[user]
    assert stack.run("reset").status == 0
    assert not stack.run_dir.exists()


def prepare(folder, target):
    """A folder like a stack's, whose parts are links to root's files."""
    folder.mkdir()
    for name in ("log", "pids", "redis", "nginx", "postgres", "bin", "state", "conf"):
        (folder / name).symlink_to(target)
    (folder / ".airship-shop").symlink_to(target / "shadow")
    for path in [folder, *folder.iterdir()]:
        os.lchown(path, NOBODY.pw_uid, NOBODY.pw_gid)
    return folder


def someone_elses_folder(base, target):
    return prepare(base / "run", target), "nobody"


def below_someone_elses_folder(base, target):
    folder = base / "nobodys"
    folder.mkdir()
    os.lchown(folder, NOBODY.pw_uid, NOBODY.pw_gid)
    return folder / "run", "nobody"


def through_someone_elses_link(base, target):
    link = base / "link"
    link.symlink_to(target)
    os.lchown(link, NOBODY.pw_uid, NOBODY.pw_gid)
    return link / "run", "nobody"


def in_a_folder_that_all_may_change(base, target):
    folder = base / "open"
    folder.mkdir()
    folder.chmod(0o777)
    return folder / "run", "others can write"


def with_a_marker_that_is_a_link(base, target):
    folder = base / "run"
    folder.mkdir()
    (folder / ".airship-shop").symlink_to(target / "shadow")
    return folder, ".airship-shop is not a file"


def with_a_folder_that_is_a_link(base, target):
    folder = base / "run"
    folder.mkdir()
    (folder / ".airship-shop").touch()
    (folder / "pids").symlink_to(target)
    return folder, "not a folder of user root"


PLACES = [
    someone_elses_folder,
    below_someone_elses_folder,
    through_someone_elses_link,
    in_a_folder_that_all_may_change,
    with_a_marker_that_is_a_link,
    with_a_folder_that_is_a_link,
]


@pytest.fixture
def public_folder():
    """A folder like /tmp."""
    folder = Path(temp_folder())
    folder.chmod(0o1777)
    yield folder
    subprocess.run(["rm", "-rf", folder], check=True)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
def test_a_folder_that_others_have_prepared_is_refused(public_folder, secrets, place):
    run_dir, reason = place(public_folder, secrets)
    before = content(public_folder)
    stack = DevStack(run_dir)
    commands = ["up"]
    if (run_dir / ".airship-shop").is_symlink():
        commands += ["down", "reset"]
    try:
        for command in commands:
            complaint = stack.run(command).complaint
            assert str(run_dir) in complaint and reason in complaint, complaint
        assert stack.processes() == []
        if place is not with_a_folder_that_is_a_link:
            assert content(public_folder) == before
    finally:
        stack.run("reset")  # If the test has failed, a stack may run.
