"""The Debian packages: what they hold, and their life in a root of Debian without a running systemd. How their services
run and roll is for the tests of whole hosts."""

import pytest

import debs
from apt_folder import AptFolder
from base_root import BaseRoot
from container import check, container

OLD, NEWER = "0.8", "999.1"
SECRET = "/etc/airship-shop/secrets/redis-orders"
PROGRAMS = ("products-worker", "orders-worker", "orders-reconciler", "index-products")
COMMANDS = ("migrate", "backup", "restore", "audit-stock", "index-products", "roll")
SERVICES = ("airship-shop-products@", "airship-shop-orders@", "airship-shop-reconciler")
ADDRESS = "/run/from-the-file.sock"


@pytest.fixture(scope="module")
def unpacked(packages, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    for package in packages:
        check("dpkg-deb", "--extract", package, folder)
    return folder


@pytest.fixture(scope="module")
def debian(packages, tmp_path_factory):
    """A root of Debian with three versions of the shop in its apt repository. `debian.run` runs a command in it."""
    folder = tmp_path_factory.mktemp("debian")
    base = BaseRoot()
    base.make()
    apt = AptFolder(base.root.parent / f"apt-{folder.parent.name}", base.debs)  # It links files, so it is beside them.
    apt.make()
    for version in (OLD, NEWER):
        apt.publish(debs.other_version(packages, version))
    apt.publish(packages)
    try:
        with container(base.root, folder, f"--bind-ro={apt.path}:/srv/apt") as debian:
            debian.check("apt-get", "-q", "update")
            yield debian
    finally:
        check("rm", "-r", apt.path)


def install(debian, packages, version=None):
    names = [package.name.split("_")[0] + (f"={version}" if version else "") for package in packages]
    debian.check("apt-get", "-q", "-y", "--allow-downgrades", "--no-install-recommends", "install", *names)


def test_lintian_has_neither_errors_nor_warnings(packages):
    check("lintian", "--allow-root", "--fail-on=error,warning", *packages)


def test_nothing_in_the_packages_is_a_setting_or_a_secret(packages, unpacked):
    assert not (unpacked / "etc/airship-shop").exists()
    for package in packages:
        assert "conffiles" not in check("dpkg-deb", "--ctrl-tarfile", package).splitlines()
    files = [path for path in unpacked.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(files) > 50
    assert [path for path in files if path.suffix == ".env" and "usr/share/doc" not in str(path)] == []
    assert [path for path in files if path.suffix in (".key", ".pem", ".pgpass")] == []
    assert [path for path in files if path.stat().st_mode & 0o022] == []


def test_each_service_may_do_little(unpacked):
    units = sorted((unpacked / "lib/systemd/system").glob("*.service"))
    assert {f"{name}.service" for name in SERVICES} <= {unit.name for unit in units}
    for unit in units:
        check("systemd-analyze", "security", "--offline=true", "--threshold=15", unit)


def test_the_three_services_have_one_sandbox(unpacked):
    texts = [(unpacked / f"lib/systemd/system/{name}.service").read_text() for name in SERVICES]
    sandboxes = {text.partition("# What the process may do.")[2] for text in texts}
    assert len(sandboxes) == 1 and "SystemCallFilter" in sandboxes.pop()


def test_each_command_has_a_man_page(unpacked):
    for command in COMMANDS:
        page = check("man", "--warnings", "--local-file", unpacked / f"usr/share/man/man8/airship-shop-{command}.8.gz")
        for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "FILES", "EXIT STATUS"):
            assert f"\n{section}\n" in page, f"{command}: {section}"


def test_the_packages_install_in_a_clean_root(debian, packages):
    install(debian, packages, OLD)
    for user in ("airship-products", "airship-orders"):
        assert "nologin" in debian.check("getent", "passwd", user)
    assert debian.check("stat", "--format=%a %U", "/etc/airship-shop/secrets") == "700 root"
    assert debian.check("systemctl", "is-enabled", "airship-shop.target") == "enabled"


def test_the_units_are_whole(debian):
    units = debian.check("sh", "-c", "ls -d /lib/systemd/system/airship-shop*").split()
    units = [unit.replace("@.", "@1.") for unit in units if not unit.endswith(".d")]
    assert debian.check("systemd-analyze", "verify", "--man=no", *units) == ""


def test_the_programs_run(debian, packages):
    install(debian, packages, debs.version(packages))
    for program in PROGRAMS:
        said = debian.check(f"/usr/lib/airship-shop/{program}", "--version")
        assert said == f"{program} {debs.version(packages)}"
        assert "not found" not in debian.check("ldd", f"/usr/lib/airship-shop/{program}")


def test_a_worker_that_answers_passes_the_check_of_a_roll(debian):
    environment = ["REDIS_ADDRESS=/none", "POSTGRES_CONNINFO=host=/none"]
    for worker in PROGRAMS[:2]:
        debian.check(
            "env", *environment, "/usr/share/airship-shop/ops/check-worker.sh", f"/usr/lib/airship-shop/{worker}"
        )


def test_a_program_that_does_not_answer_fails_it(debian):
    for program in ("/bin/true", "/bin/false"):
        status, said = debian.run("/usr/share/airship-shop/ops/check-worker.sh", program)
        assert (status, "it does not answer a request" in said) == (1, True), said


def test_the_commands_take_the_stores_from_their_file(debian):
    debian.check("sh", "-c", f"echo 'REDIS_ADDRESS=\"{ADDRESS}\"' >/etc/airship-shop/ops.env")
    for command in ("backup", "restore"):
        status, said = debian.run(f"airship-shop-{command}", "/nothing")
        assert (status, "usage" in said) == (1, False), said
    assert ADDRESS in debian.run("airship-shop-index-products")[1]
    assert ADDRESS in debian.run("airship-shop-backup", "/nothing")[1]
    assert "/run/other.sock" in debian.run("env", "REDIS_ADDRESS=/run/other.sock", "airship-shop-index-products")[1]
    assert "/run/other.sock" in debian.run("airship-shop-backup", "--redis", "/run/other.sock", "/nothing")[1]
    debian.check("rm", "/etc/airship-shop/ops.env")
    assert "/run/redis/redis-server.sock" in debian.run("airship-shop-index-products")[1]


def test_a_roll_where_nothing_runs_says_so(debian):
    assert "no workers run" in debian.check("airship-shop-roll")


def test_an_upgrade_keeps_settings_and_secrets(debian, packages):
    debian.check("sh", "-c", f"umask 077; echo secret >{SECRET}; echo LOG_LEVEL=info >/etc/airship-shop/app.env")
    install(debian, packages, NEWER)
    assert debian.check("cat", SECRET, "/etc/airship-shop/app.env") == "secret\nLOG_LEVEL=info"
    assert debian.check("dpkg-query", "-W", "-f=${Version}", "airship-shop") == NEWER


def test_removal_leaves_no_file_of_the_packages(debian, packages):
    names = [package.name.split("_")[0] for package in packages]
    files = debian.check("sh", "-c", f"dpkg -L {' '.join(names)} | grep airship").split()
    debian.check("apt-get", "-q", "-y", "remove", *names)
    left = debian.run("sh", "-c", f"ls -d {' '.join(files)} 2>/dev/null | grep -v '^/etc/'")[1]
    assert left == ""


def test_a_purge_leaves_only_what_the_operator_has_made(debian, packages):
    debian.check("apt-get", "-q", "-y", "purge", *(package.name.split("_")[0] for package in packages))
    assert debian.check("cat", SECRET, "/etc/airship-shop/app.env") == "secret\nLOG_LEVEL=info"
    debian.check("rm", "-r", "/etc/airship-shop")
    found = debian.check(
        "find", "/", "-xdev", "-name", "*airship*", "-not", "-path", "/srv/*", "-not", "-path", "/proc/*"
    )
    assert found == ""


def test_without_those_it_leaves_nothing(debian, packages):
    install(debian, packages)
    debian.check("apt-get", "-q", "-y", "purge", *(package.name.split("_")[0] for package in packages))
    found = debian.check(
        "find", "/", "-xdev", "-name", "*airship*", "-not", "-path", "/srv/*", "-not", "-path", "/proc/*"
    )
    assert found == ""
