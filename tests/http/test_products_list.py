"""GET /products: pages in the byte order of the ids. Malformed parameters are in test_query.py."""

from urllib.parse import quote

import pytest

from shop.samples import make_product

# In UTF-8 byte order is the order of code points: not that of a dictionary, nor that of UTF-16.
IN_ORDER = ["!", "A", "B", "Z", "_", "a", "a b", "a%41", "a+b", "ab", "b", "~", "é", "飛", "\uffee", "\U0001f6f8"]


@pytest.fixture
def many(api):
    """Sixteen products as they are listed. They were created in the reverse order."""
    assert IN_ORDER == sorted(IN_ORDER, key=str.encode)
    made = {product_id: make_product(api, product_id, in_stock=n) for n, product_id in enumerate(reversed(IN_ORDER))}
    return [made[product_id] for product_id in IN_ORDER]


def test_without_products(api):
    answer = api("GET /products")
    assert (answer.status, answer.json, answer.headers["Link"]) == (200, [], None)


def test_in_byte_order(api, many):
    answer = api("GET /products")
    assert (answer.status, answer.json, answer.headers["Link"]) == (200, many, None)


@pytest.mark.parametrize("limit", [1, 2, 3, 8, 15, 16, 17, 1000])
def test_following_the_links_gives_every_product_once(api, many, limit):
    seen, target = [], f"/products?limit={limit}"
    while target:
        answer = api(f"GET {target}")
        page = answer.json
        assert page == many[len(seen) : len(seen) + limit]
        seen += page
        target = f"/products?limit={limit}&after={quote(page[-1]['id'], safe='')}"
        if len(seen) == len(many):
            assert answer.headers["Link"] is None
            target = None
        else:
            assert answer.headers["Link"] == f'<{target}>; rel="next"'


@pytest.mark.parametrize(
    "after, first",
    [("A", "B"), ("C", "Z"), ("a a", "a b"), ("a%", "a%41"), ("aa", "ab"), ("\U0001f6f7", "\U0001f6f8"), (" ", "!")],
)
def test_after_need_not_exist(api, many, after, first):
    page = api(f"GET /products?limit=1&after={quote(after, safe='')}").json
    assert [product["id"] for product in page] == [first]


def test_after_the_last(api, many):
    answer = api("GET /products?after=" + quote(IN_ORDER[-1]))
    assert (answer.status, answer.json, answer.headers["Link"]) == (200, [], None)


def test_a_hundred_if_limit_is_left_out(api):
    ids = [f"p{number:03}" for number in range(101)]
    for product_id in ids:
        make_product(api, product_id)
    first = api("GET /products")
    assert [product["id"] for product in first.json] == ids[:100]
    assert first.headers["Link"] == '</products?limit=100&after=p099>; rel="next"'
    last = api("GET /products?limit=100&after=p099")
    assert [product["id"] for product in last.json] == ids[100:]
    assert last.headers["Link"] is None


def test_a_page_of_a_thousand(api, stack):
    """The products are made in Redis, which is faster than a thousand requests."""
    stack.redis.eval(
        """
        for number = 1000, 2000 do
          local id = 'p' .. number
          redis.call('HSET', 'products:' .. id, 'id', id, 'title', id, 'passenger_capacity', 1, 'maximum_speed', 1,
            'in_stock', number)
          redis.call('ZADD', 'product_index', 0, id)
        end
        """,
        0,
    )
    answer = api("GET /products?limit=1000")
    assert [product["in_stock"] for product in answer.json] == list(range(1000, 2000))
    assert answer.headers["Link"] == '</products?limit=1000&after=p1999>; rel="next"'


def test_trailing_slash(api, many):
    assert api("GET /products/").json == many
    page = api("GET /products/?limit=1")
    assert (page.json, page.headers["Link"]) == (many[:1], '</products?limit=1&after=%21>; rel="next"')
    assert api("POST /products/", many[0] | {"in_stock": 0}).json == {"id": "!"}
    assert api("GET /products").json[0]["in_stock"] == 0
