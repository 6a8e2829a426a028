"""GET /openapi.json, /docs and /redoc: the API's description, and the pages that show it. tests/browser uses them."""

import re
from contextlib import contextmanager

import pytest
import yaml

from shop.stack import ROOT

PAGES = ["/docs", "/redoc"]
FILES = ["/openapi.json", *PAGES, "/pages/docs.js"]
A_YEAR = "public, max-age=31536000, immutable"


@contextmanager
def without_pages(stack):
    """The shop as it is built when npm's registry cannot be reached."""
    pages = [stack.run_dir / f"nginx/conf/pages{page}.html" for page in PAGES]
    for page in pages:
        page.rename(page.with_suffix(".away"))
    try:
        yield
    finally:
        for page in pages:
            page.with_suffix(".away").rename(page)


def test_the_description_is_docs_openapi_yaml_with_the_version(api):
    answer = api("GET /openapi.json")
    version = (ROOT / "VERSION").read_text().strip()
    description = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())
    assert answer.json == description | {"info": description["info"] | {"version": version}}
    assert answer.json["openapi"].startswith("3.1.")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_what_is_here_and_nothing_else(api, page):
    answer = api(f"GET {page}")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    links = re.findall(r'(?:src|href)="([^"]*)"', answer.body.decode())
    assert len(links) == 4 and all(link == "data:," or link.startswith("/pages/") for link in links), links
    for link in links[1:]:
        loaded = api(f"GET {link}")
        assert (loaded.status, loaded.headers["Cache-Control"]) == (200, A_YEAR if "-" in link else "no-cache"), link
        assert loaded.headers["Content-Type"].startswith(
            "text/css" if link.endswith("css") else "application/javascript"
        )
        assert b"sourceMappingURL=" not in loaded.body[-1000:]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_may_do_little(api, page):
    headers = api(f"GET {page}").headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"] and "http" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", FILES)
def test_if_none_match(api, path):
    answer = api(f"GET {path}")
    assert answer.headers["Cache-Control"] == "no-cache"
    for method in ("GET", "HEAD"):
        again = api(f"{method} {path}", headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", answer.headers["ETag"])
    assert api(f"GET {path}", headers={"If-None-Match": '"another"'}).body == answer.body


@pytest.mark.parametrize(
    "header",
    [{"If-Match": '"another"'}, {"If-Unmodified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"}, {"Range": "bytes=0-9"}],
    ids=lambda header: next(iter(header)),
)
def test_other_conditions_change_nothing(api, header):
    expected = api("GET /docs")
    answer = api("GET /docs", headers=header | {"If-Modified-Since": expected.headers["Last-Modified"]})
    assert (answer.status, answer.body) == (200, expected.body)


@pytest.mark.parametrize("path", FILES)
def test_head_is_get_without_the_body(api, path):
    answers = api(f"GET {path}"), api(f"HEAD {path}")
    assert answers[0].lasting_headers == answers[1].lasting_headers and answers[1].body == b""


@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_are_refused(api, method, path):
    answer = api(f"{method} {path}")
    assert answer.outcome == "405 METHOD_NOT_ALLOWED"
    assert answer.allowed_methods() == {"GET", "HEAD"}


@pytest.mark.parametrize("method", ["GET", "POST", "TRACE"])
@pytest.mark.parametrize(
    "path", ["/docs/", "/docs.html", "/pages", "/pages/", "/pages/none.js", "/pages/../nginx.conf"]
)
def test_nothing_else_is_there(api, method, path):
    assert api(f"{method} {path}").outcome == "404 NOT_FOUND"


def test_a_shop_without_its_pages_does_everything_else(stack, api):
    with without_pages(stack):
        for page in PAGES:
            for method in ("GET", "PUT", "TRACE"):
                assert api(f"{method} {page}").outcome == "404 NOT_FOUND"
        assert api("GET /openapi.json").status == 200
        assert api("GET /products").status == 200
    assert api("GET /docs").status == 200
