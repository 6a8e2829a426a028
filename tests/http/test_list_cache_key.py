"""Which lists go through the cache, and which do not (lua/list_target.lua)."""

import pytest

from nginx_conf import cached_targets
from shop.samples import BAD_LIMITS, BAD_ORDER_IDS, make_order, next_page

PLAIN = """/orders /orders?limit=7 /orders?after=7 /orders?after=0&limit=100 /orders?expand=product
           /orders?expand=product&limit=1 /orders?limit=1000&after=9223372036854775807&expand=product""".split()

# Unusual target → the plain one with the same meaning.
UNUSUAL = {
    "/orders?": "/orders",
    "/orders/?x=y": "/orders",
    "/orders?&&x&=&%zz": "/orders",
    "/orders?limit=%31": "/orders?limit=1",
    "/orders?li%6Dit=1": "/orders?limit=1",
    "/orders?limit=1&": "/orders?limit=1",
    "/orders?&limit=1": "/orders?limit=1",
    "/orders?limit=1&limits=7": "/orders?limit=1",
    "/orders?Limit=7&expand%00=7": "/orders",
    "/orders?expand=%70roduct&after=0": "/orders?expand=product",
}

MALFORMED = [f"limit={limit}" for limit in BAD_LIMITS] + [f"after={after}" for after in BAD_ORDER_IDS]
MALFORMED += """limit= limit after= expand= expand expand=products expand=%20product expand=product+ limit=1+ limit=1&limit=1
                li%6Dit=1&limit=1 after=0&after=0 after=1&x=y&after=2 expand=product&expand=product limit=10000
                after=10000000000000000000 after=9223372036854775808&x=1 limit=7=7 limit=7;after=1""".split()


@pytest.fixture
def shop(api, odyssey):
    for _ in range(2):
        make_order(api)
    return api


@pytest.mark.parametrize("target", PLAIN)
def test_plain_targets_are_cached(shop, stack, target):
    """GET and HEAD, with and without the slash, share one entry, under the target that the worker was asked for."""
    before = cached_targets(stack)
    expected = shop(f"GET {target}")
    for same in (target, target.replace("/orders", "/orders/")):
        for method in ("GET", "HEAD"):
            answer = shop(f"{method} {same}")
            assert (answer.status, answer.headers["ETag"]) == (200, expected.headers["ETag"]), same
            assert answer.headers["X-Cache"] in ("HIT", "MISS"), same
    assert target in cached_targets(stack) <= before | {target}


def test_the_next_page_is_plain(shop):
    for target in ("/orders?limit=1", "/orders?limit=1&expand=product"):
        assert shop(f"GET {next_page(shop(f'GET {target}'))}").headers["X-Cache"] in ("HIT", "MISS")


@pytest.mark.parametrize("target", UNUSUAL)
def test_unusual_targets_go_to_a_worker(shop, stack, target):
    before = cached_targets(stack)
    for method in ("GET", "HEAD"):
        answer = shop(f"{method} {target}")
        assert (answer.status, answer.headers["X-Cache"]) == (200, "BYPASS")
        tag = answer.headers["ETag"]
        assert tag == shop(f"GET {UNUSUAL[target]}").headers["ETag"]
        again = shop(f"{method} {target}", headers={"If-None-Match": tag})
        assert (again.status, again.body, again.headers["ETag"], again.headers["X-Cache"]) == (304, b"", tag, "BYPASS")
    assert cached_targets(stack) <= before | {UNUSUAL[target]}


@pytest.mark.parametrize("query", MALFORMED)
def test_malformed_targets_are_not_cached(api, stack, query):
    before = cached_targets(stack)
    for path in ("/orders", "/orders/"):
        assert api(f"GET {path}?{query}").outcome == "400 BAD_REQUEST"
    assert cached_targets(stack) <= before


@pytest.mark.parametrize("path", ["/%6Frders", "/x/../orders", "/./orders", "/orders/../orders"])
def test_paths_that_are_the_list_for_nginx_only(api, stack, path):
    """nginx decodes and resolves paths. The worker takes them as they were sent, and does not know these."""
    before = cached_targets(stack)
    assert api(f"GET {path}").outcome == "404 NOT_FOUND"
    assert cached_targets(stack) <= before


def test_new_spellings_make_no_new_entries(api, stack):
    before = cached_targets(stack)
    for number in range(1, 20):
        for query in (f"x{number}={number}", f"limit={'0' * number}1", "limit=1" + "&" * number, "&limit=1" * number):
            api(f"GET /orders?{query}")
    assert cached_targets(stack) <= before
