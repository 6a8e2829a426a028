"""An ordinary user builds the packages where there is only what debian/control asks for, and neither npm nor a network.
They lack the API's pages and nothing else. The tests with hosts are steps on one host, in this order."""

import shutil

import pytest

import debs
import steps
from base_root import BuildRoot
from container import check, container

INVENTORY = "one-host"
BUILD = "cd shop && dpkg-buildpackage --build=binary --no-sign --jobs=auto"
PAGES = "./usr/share/airship-shop-edge/pages/"


@pytest.fixture(scope="module")
def clean_build(built, tmp_path_factory):
    """What the build says, and the folder that it leaves its packages in."""
    base = BuildRoot()
    base.make()
    with container(base.root, tmp_path_factory.mktemp("build")) as debian:
        home = debian.root / "home/builder"
        debs.export(home / "shop")
        shutil.copy(debs.OUT.parent / "tree/debian/changelog", home / "shop/debian")
        debian.check("chown", "--recursive", "builder:", "/home/builder")
        yield debian.check("runuser", "--login", "builder", "--command", BUILD), home


@pytest.fixture(scope="module")
def packages(clean_build, built):
    return [clean_build[1] / package.name for package in built]


def test_the_build_says_in_one_line_that_the_pages_are_missing(clean_build):
    said = [line for line in clean_build[0].splitlines() if "pages" in line and "missing" in line]
    assert len(said) == 1 and said[0].startswith("the pages /docs and /redoc are missing: npm: "), said


def test_lintian_has_neither_errors_nor_warnings(packages):
    check("lintian", "--allow-root", "--fail-on=error,warning", *packages)


def test_only_the_pages_are_missing(packages, built):
    for package, whole in zip(packages, built):
        missing = files(whole) - files(package)
        assert files(package) <= files(whole)
        assert all(path.startswith(PAGES) for path in missing), missing
        assert PAGES + "openapi.json" not in missing
        assert check("dpkg-deb", "--field", package, "Depends") == check("dpkg-deb", "--field", whole, "Depends")


def files(package):
    return {line.split()[5] for line in check("dpkg-deb", "--contents", package).splitlines()}


def test_a_shop_of_these_packages_passes_the_smoke_test(shop):
    steps.play(shop, "site.yml")
    steps.smoke_test(shop)


def test_it_has_the_description_but_no_pages(shop):
    assert shop.ask("GET", "/openapi.json")[1]["openapi"].startswith("3.1.")
    for page in ("/docs", "/redoc"):
        status, answer = shop.ask("GET", page)
        assert (status, answer["error"]) == (404, "NOT_FOUND"), page
