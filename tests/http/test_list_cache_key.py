"""What is the same list to the cache, and what is none: lua/list_key.lua."""

import pytest

from nginx_conf import cached_targets
from shop.samples import BAD_LIMITS, BAD_ORDER_IDS

# The target in its one form, and other ways to ask for it.
SAME = {
    "/orders": """/orders/ /orders? /orders?limit=100 /orders?after=0 /orders?after=0&limit=100 /orders/?x=y
                  /orders?&&x&=&%zz /orders?limit=%31%300 /orders?Limit=7&expand%00=7""",
    "/orders?limit=7": "/orders?limit=7&after=0 /orders/?x=1&limit=7&y=2&x=1 /orders?li%6Dit=%37",
    "/orders?after=7": "/orders?limit=100&after=7 /orders?after=7&limits=7",
    "/orders?expand=product": "/orders?expand=%70roduct&limit=100 /orders?after=0&expand=product",
    "/orders?limit=1000&after=9223372036854775807&expand=product": """
        /orders?expand=product&after=9223372036854775807&limit=1000
        /orders?after=9223372036854775807&limit=1000&expand=product&x=limit""",
}

MALFORMED = [f"limit={limit}" for limit in BAD_LIMITS] + [f"after={after}" for after in BAD_ORDER_IDS]
MALFORMED += """limit= limit after= expand= expand expand=products expand=%20product expand=product+ limit=1+ limit=1&limit=1
                li%6Dit=1&limit=1 after=0&after=0 after=1&x=y&after=2 expand=product&expand=product limit=10000
                after=10000000000000000000 after=9223372036854775808&x=1 limit=7=7 limit=7;after=1""".split()


@pytest.mark.parametrize("target", SAME)
def test_one_entry_for_one_list(api, stack, target):
    """However it is asked for, and by whatever method."""
    expected = api(f"GET {target}")
    before = cached_targets(stack)
    for other in SAME[target].split():
        for method in ("GET", "HEAD"):
            answer = api(f"{method} {other}")
            assert (answer.status, answer.headers["ETag"]) == (200, expected.headers["ETag"]), other
            assert answer.headers["X-Cache"] in ("HIT", "MISS"), other
    assert cached_targets(stack) <= before | {target}


@pytest.mark.parametrize("query", MALFORMED)
def test_what_is_malformed_is_for_the_worker_to_refuse(api, stack, query):
    before = cached_targets(stack)
    for path in ("/orders", "/orders/"):
        answer = api(f"GET {path}?{query}")
        assert (answer.outcome, answer.headers["X-Cache"]) == ("400 BAD_REQUEST", "BYPASS")
    assert cached_targets(stack) <= before


@pytest.mark.parametrize("path", ["/%6Frders", "/x/../orders", "/./orders", "/orders/../orders"])
def test_paths_that_only_nginx_takes_for_the_list(api, stack, path):
    """The worker knows paths as they were sent, and does not know these."""
    before = cached_targets(stack)
    assert api(f"GET {path}").outcome == "404 NOT_FOUND"
    assert cached_targets(stack) <= before


def test_inventing_parameters_makes_no_entries(api, stack):
    api("GET /orders")
    before = cached_targets(stack)
    for number in range(50):
        assert api(f"GET /orders?x{number}={number}").headers["X-Cache"] in ("HIT", "MISS")
    assert cached_targets(stack) <= before | {"/orders"}
