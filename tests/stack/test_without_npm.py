"""The API's description and its pages, built without npm's registry. tests/http has them as built with it."""

import os
import shutil

from shop.stack import ROOT, run

UNREACHABLE = {"npm_config_registry": "http://127.0.0.1:9"}


def test_the_shop_comes_up_without_the_pages(new_stack, checkout):
    shutil.copytree(ROOT / "docs", checkout.folder / "docs")
    shutil.copy(ROOT / "VERSION", checkout.folder)
    assert (checkout.build / "pages/docs.html").exists(), "an earlier build has made it"
    environment = os.environ | UNREACHABLE | {"npm_config_cache": str(checkout.folder / "cache")}
    built = run(checkout.folder / "ops/dev/build-pages.sh", environment=environment)
    assert built == (0, "the pages /docs and /redoc are missing: npm: ECONNREFUSED\n")

    stack = new_stack()
    stack.up(checkout)
    for page in ("/docs", "/redoc"):
        assert stack.api(f"GET {page}").outcome == "404 NOT_FOUND"
    assert stack.api("GET /openapi.json").json["openapi"].startswith("3.1.")
    assert stack.api("GET /products").status == 200
