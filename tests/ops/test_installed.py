"""The commands as `make install` puts them: links in sbin to the scripts, far from the checkout."""

import os
import shutil
import subprocess

import pytest

from shop.samples import make_order, make_product
from shop.stack import ROOT, run


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Runs an installed command, with only these settings."""
    folder = tmp_path_factory.mktemp("installed")
    words = ["make", "--no-print-directory", f"BUILD={os.environ.get('BUILD', 'asan')}", "install-app"]
    made = subprocess.run([*words, f"DESTDIR={folder}", "PREFIX=/usr"], cwd=ROOT, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr

    def command(name, *arguments, **settings):
        path = folder / f"usr/sbin/airship-shop-{name}"
        status, said = run(path, *map(str, arguments), environment={"PATH": os.environ["PATH"]} | settings)
        return status, said.strip()

    return command


@pytest.fixture
def stores(shop):
    postgres = f"host={shop.run_dir}/postgres dbname=airship user=airship"
    return {"POSTGRES_CONNINFO": postgres, "REDIS_ADDRESS": f"{shop.run_dir}/redis/redis.sock"}


def test_the_schema_is_migrated(installed, stores):
    assert installed("migrate", **stores) == (0, "")
    assert installed("migrate", stores["POSTGRES_CONNINFO"]) == (0, "")


def test_a_backup_is_made_and_restored(installed, stores, shop, api, tmp_path):
    make_product(api)
    make_order(api)
    before = shop.fingerprint()
    status, said = installed("backup", tmp_path / "backup", **stores)
    assert status == 0 and said.startswith(f"backed up to {tmp_path}/backup"), said
    shop.wipe()
    assert installed("restore", tmp_path / "backup", **stores) == (0, f"restored from {tmp_path}/backup")
    assert shop.fingerprint() == before


def test_the_stock_is_audited(installed, stores, api):
    make_product(api)
    make_order(api)
    assert installed("audit-stock", **stores) == (0, "audit-stock: 0 orders differ, 0 repaired, 0 findings left")


def test_products_are_indexed(installed, stores, shop, api):
    make_product(api)
    shop.redis.delete("product_index")
    assert installed("index-products", **stores) == (0, "1 products indexed, 0 keys skipped that are no products")


def test_a_name_that_is_no_command_is_refused(installed, tmp_path):
    status, said = installed("audit-stock", "--help")
    assert status == 0 and "--repair" in said
    link = tmp_path / "airship-shop-nonsense"
    link.symlink_to(ROOT / "ops/command.sh")
    status, said = run(link, environment={"PATH": os.environ["PATH"]})
    assert status == 1 and said.startswith("airship-shop-nonsense: ")


def test_make_clean_removes_what_was_built(tmp_path):
    (tmp_path / "build").mkdir()
    shutil.copy(ROOT / "Makefile", tmp_path)
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True)
    assert not (tmp_path / "build").exists()
