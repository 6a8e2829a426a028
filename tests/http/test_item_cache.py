"""GET and HEAD of one product or one order from the cache: what a hit looks like, and what never goes through it."""

import time

import pytest

from nginx_conf import ATTEMPTS, SHOWS_PAGES, changed, held_targets, hit
from shop.client import Client
from shop.connection import Connection
from shop.samples import (
    a_detail,
    a_product,
    an_order,
    detail_ids,
    in_stock,
    make_order,
    make_product,
    product_path,
    show_order,
)
from shop.stack import wait_for

ODYSSEY = "/products/the_odyssey"


@pytest.fixture(scope="module", autouse=True)
def shows_pages(stack):
    with changed(stack, SHOWS_PAGES):
        yield


@pytest.fixture(params=["product", "order"])
def item(request, api, odyssey):
    """The target of one thing."""
    return ODYSSEY if request.param == "product" else f"/orders/{make_order(api)}"


def test_a_hit_differs_from_a_worker_by_its_request_id_only(api, item):
    cold = api(f"GET {item}")
    answer = hit(api, f"GET {item}", {"X-Request-ID": "mine"})
    assert (cold.headers["X-Cache"], answer.body) == ("BYPASS", cold.body)
    assert answer.lasting_headers == cold.lasting_headers
    assert (answer.headers["X-Request-ID"], answer.headers["Cache-Control"]) == ("mine", "no-cache")


def test_for_pages_of_other_origins_too(second_api, second_stack):
    make_product(second_api)
    for headers in ({"Origin": "https://shop.example.com"}, {"Origin": "https://elsewhere.example"}, {}):
        cold = second_api(f"GET {ODYSSEY}?x=1", headers=headers)
        answer = hit(second_api, f"GET {ODYSSEY}", headers)
        assert cold.headers["X-Cache"] == "BYPASS" and answer.body == cold.body
        assert answer.lasting_headers == cold.lasting_headers
        assert ("Access-Control-Allow-Origin" in answer.headers) == ("shop" in headers.get("Origin", ""))


def test_a_hit_asks_no_worker(stack, item):
    """While the workers are frozen nginx can answer from the cache only."""
    pool = item.split("/")[1]
    with Connection(stack.port) as connection:
        for _ in range(ATTEMPTS):
            for _ in range(4):
                connection(f"GET {item}")
            with stack.frozen(pool):
                connection.send(f"GET {item}")
                answered = connection.is_answered(seconds=0.5)
            assert (connection.reply().header("X-Cache") == "HIT") == answered
            if answered:
                return
    raise AssertionError("nothing was answered while the workers were frozen")


def test_head(api, item):
    get = hit(api, f"GET {item}")
    head = hit(api, f"HEAD {item}")
    assert head.body == b"" and head.headers["Content-Length"] == str(len(get.body))
    assert head.headers["ETag"] == get.headers["ETag"]


@pytest.mark.parametrize("method, status", [("HEAD", 200), ("HEAD", 304), ("GET", 304)])
def test_an_answer_without_a_body_keeps_the_page(api, item, method, status):
    """A worker has answered that it is still the same. A page that nobody renews is no hit two seconds later."""
    page = hit(api, f"GET {item}")
    condition = {"If-None-Match": page.headers["ETag"]} if status == 304 else {}
    began = int(time.time())

    def is_hit_later():
        answer = api(f"{method} {item}", headers=condition)
        assert (answer.status, answer.headers["ETag"]) == (status, page.headers["ETag"])
        return time.time() > began + 2 and answer.headers["X-Cache"] == "HIT"

    wait_for(is_hit_later, "the page was renewed")
    again = api(f"GET {item}")
    assert (again.body, again.lasting_headers) == (page.body, page.lasting_headers)


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_an_answer_without_a_body_makes_no_page(api, item, method):
    """It has changed since somebody has asked for it with its body."""
    hit(api, f"GET {item}")
    for number in range(3):
        assert api(f"PATCH {ODYSSEY}", {"title": f"{method} {number}"}).status == 200
        condition = {"If-None-Match": api(f"HEAD {item}").headers["ETag"]} if method == "GET" else {}
        assert {api(f"{method} {item}", headers=condition).headers["X-Cache"] for _ in range(5)} == {"BYPASS"}


@pytest.mark.parametrize("form", ["{tag}", "W/{tag}", '"x", {tag}, "y"', "*"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_304_from_the_cache_and_from_a_worker(api, item, method, form):
    tag = hit(api, f"GET {item}").headers["ETag"]
    condition = {"If-None-Match": form.format(tag=tag)}
    from_cache = hit(api, f"{method} {item}", condition)
    from_worker = api(f"{method} {item}?x=1", headers=condition)
    assert from_worker.headers["X-Cache"] == "BYPASS"
    assert from_cache.lasting_headers == from_worker.lasting_headers
    for answer in (from_cache, from_worker):
        assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", tag)
        assert answer.headers["Cache-Control"] == "no-cache"
    assert api(f"{method} {item}", headers={"If-None-Match": '"x"'}).status == 200


CONDITIONS = {
    "If-Match": '"x"',
    "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT",
    "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT",
    "Range": "bytes=0-0",
    "If-Range": '"x"',
    "Cache-Control": "no-store, max-age=0",
    "Authorization": "Basic eDp5",
    "X-Forwarded-Host": "elsewhere",
    "Accept-Encoding": "gzip",
    "X-Changed": "p1",
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_no_other_header_changes_anything(api, item, name):
    expected = api(f"GET {item}")
    headers = {name: CONDITIONS[name], "Range": "bytes=0-0", "Vary": "*"}
    for _ in range(10):
        answer = api(f"GET {item}", headers=headers)
        assert (answer.status, answer.body) == (200, expected.body)
        assert answer.lasting_headers == expected.lasting_headers
    assert hit(api, f"GET {item}", headers).body == hit(api, f"GET {item}").body == expected.body


SPELLINGS = {
    "a+b": ["a+b", "a%2Bb", "a%2bb"],
    "the airship é": ["the%20airship%20%C3%A9", "%74he%20airship%20%c3%a9"],
    "abc": ["abc", "a%62c", "%61%62%63"],
    "50%25": ["50%2525", "%350%2525"],
    "~-._": ["~-._", "%7E%2D._", "%7e-%2E_"],
}


@pytest.mark.parametrize("product_id", SPELLINGS)
def test_all_spellings_share_one_page(api, stack, product_id):
    product = make_product(api, product_id)
    for version in range(3):
        before = held_targets(stack)
        for spelling in SPELLINGS[product_id] * 3:
            answer = api(f"GET /products/{spelling}")
            assert answer.json == product
        assert hit(api, f"GET /products/{spelling}").json == product
        assert held_targets(stack) <= before | {product_path(product_id)}
        product = api(f"PATCH /products/{SPELLINGS[product_id][-1]}", {"maximum_speed": version}).json


@pytest.mark.parametrize(
    "target, outcome",
    [
        ("/products/the_odyssey?x=1", "200"),
        ("/products/the_odyssey?", "200"),
        ("/products/the_odyssey#x", "404 PRODUCT_NOT_FOUND"),
        ("/products/the_odyssey/", "404 NOT_FOUND"),
        ("/products/x/../the_odyssey", "404 NOT_FOUND"),
        ("/%70roducts/the_odyssey", "404 NOT_FOUND"),
        ("/orders/../products/the_odyssey", "404 NOT_FOUND"),
        ("/products/the%5Fodyssey%2F", "404 PRODUCT_NOT_FOUND"),
        ("/orders/01", "404 NOT_FOUND"),
        ("/orders/+1", "404 NOT_FOUND"),
        ("/orders/one", "404 NOT_FOUND"),
    ],
)
def test_what_never_goes_through_the_cache(api, stack, odyssey, target, outcome):
    """Also while the product itself is in the cache."""
    before = held_targets(stack) | {ODYSSEY}
    hit(api, f"GET {ODYSSEY}")
    for _ in range(6):
        answer = api(f"GET {target}")
        assert answer.outcome == outcome
        assert answer.headers["X-Cache"] != "HIT"
    assert held_targets(stack) <= before


@pytest.mark.parametrize("target", ["/products/none", "/orders/999999999"])
def test_what_does_not_exist_is_not_stored_however_often_it_is_asked_for(api, stack, target):
    before = held_targets(stack)
    for _ in range(20):
        answer = api(f"GET {target}")
        assert answer.status == 404 and answer.headers["X-Cache"] in ("BYPASS", "MISS")
    assert held_targets(stack) <= before


def test_inventions_fill_nothing(stack, odyssey):
    """Ids, spellings, parameters and headers that nobody has used yet, each asked for often."""
    before = held_targets(stack)
    with Connection(stack.port) as connection:
        for number in range(200):
            for target in (
                f"/products/none-{number}",
                f"{ODYSSEY}?x={number}",
                f"/orders/9{number}",
                f"/products?x={number}",
            ):
                for _ in range(4):
                    connection(f"GET {target}", headers={f"X-Invented-{number}": "x", "Vary": f"X-Invented-{number}"})
        for mask in range(256):  # Of the spellings of an id with eight letters.
            letters = [f"%{ord(char):x}" if mask >> place & 1 else char for place, char in enumerate("odyssey_")]
            for _ in range(4):
                connection(f"GET /products/the_{''.join(letters).removesuffix('_')}")
    assert held_targets(stack) <= before | {ODYSSEY}


def test_what_is_asked_for_once_a_second_is_not_stored(api, stack):
    """Hardly ever, that is: here each product is asked for once by each of two clients."""
    names = [f"p{number}" for number in range(100)]
    for name in names:
        make_product(api, name)
    before = held_targets(stack)
    answers = [api(f"GET /products/{name}") for name in names]
    assert {answer.headers["X-Cache"] for answer in answers} == {"BYPASS"}
    assert held_targets(stack) <= before


def test_pages_of_products(api, stack):
    for name in ("a", "b é", "c"):
        make_product(api, name)
    first = api("GET /products?limit=2")
    assert first.headers["X-Cache"] == "BYPASS"
    answer = hit(api, "GET /products?limit=2")
    assert (answer.body, answer.lasting_headers) == (first.body, first.lasting_headers)
    following = "/products?limit=2&after=b%20%C3%A9"
    assert following in answer.headers["Link"]
    page = hit(api, f"GET {following}")
    assert [product["id"] for product in page.json] == ["c"]
    for method in ("GET", "HEAD"):
        condition = {"If-None-Match": page.headers["ETag"]}
        assert hit(api, f"{method} {following}", condition).status == 304
        assert api(f"{method} {following}&x=1", headers=condition).status == 304


@pytest.mark.parametrize(
    "query",
    ["limit=%31", "after=%61", "after=b+c", "after=b%c3%a9", "limit=1&x=2", "expand=product", "limit=1&", "after=."],
)
def test_unusual_pages_of_products_go_to_a_worker(api, stack, query):
    before = held_targets(stack)
    for _ in range(6):
        assert api(f"GET /products?{query}").headers["X-Cache"] != "HIT"
    assert held_targets(stack) <= before


def test_each_write_shows_at_once(api, stack, odyssey):
    """In everything that shows the product, each of which is in the cache when it is written."""
    order_id = make_order(api, a_detail(quantity=3))
    (detail_id,) = detail_ids(api, order_id)
    targets = [ODYSSEY, f"/orders/{order_id}", "/products", "/orders?expand=product"]

    def shown():
        """What each target shows of the product."""
        order = show_order(api, order_id)["order_details"][0]["product"]
        (listed,) = api("GET /products").json
        found = [api(f"GET {ODYSSEY}").json, order, listed]
        assert all(product == found[0] for product in found), found
        assert found[0] in [d["product"] for o in api("GET /orders?expand=product").json for d in o["order_details"]]
        return found[0]

    writes = [
        (f"PATCH {ODYSSEY}", {"maximum_speed": 77}, {"maximum_speed": 77}),
        ("POST /orders", an_order(a_detail(quantity=2)), {"in_stock": 5}),
        (f"PATCH /orders/{order_id}", {"order_details": [{"id": detail_id, "quantity": 1}]}, {"in_stock": 7}),
        (f"PUT {ODYSSEY}", a_product(in_stock=100), {"in_stock": 100, "maximum_speed": 5}),
        ("POST /products", a_product(title="New"), {"title": "New"}),
    ]
    for request, body, change in writes:
        for target in targets:
            hit(api, f"GET {target}")
        assert api(request, body).status == 200
        product = shown()
        assert product | change == product, request


def test_deletions_show_at_once(api, odyssey):
    order_id = make_order(api)
    hit(api, f"GET /orders/{order_id}")
    hit(api, f"GET {ODYSSEY}")
    assert api(f"DELETE {ODYSSEY}").status == 204
    assert show_order(api, order_id)["order_details"][0]["product"] is None
    assert api(f"GET {ODYSSEY}").status == 404
    make_product(api)
    hit(api, f"GET /orders/{order_id}")
    hit(api, f"GET {ODYSSEY}")
    assert api(f"DELETE /orders/{order_id}").status == 204
    assert api(f"GET /orders/{order_id}").status == 404
    assert in_stock(api) == 11


def test_a_change_behind_the_shops_back_shows_within_two_seconds(api, stack, item, odyssey):
    """One round of three must be fast enough: a busy machine may pause."""

    def seconds_until_seen(speed):
        hit(api, f"GET {item}")
        stack.redis.hset("products:the_odyssey", "maximum_speed", speed)
        began = time.monotonic()
        wait_for(lambda: f'"maximum_speed":{speed},'.encode() in api(f"GET {item}").body, "the change is seen")
        return time.monotonic() - began

    assert min(seconds_until_seen(speed) for speed in (11, 12, 13)) < 2


def test_an_order_of_more_products_than_its_worker_names(api, stack):
    """Only another program can have written it. It is never in the cache, and its deletion forgets everything."""
    ids = [f"part-{number}" for number in range(1, 201)]
    for product_id in ids:
        make_product(api, product_id)
    ((order_id,),) = stack.postgres("INSERT INTO orders DEFAULT VALUES RETURNING id")
    stack.postgres(
        f"INSERT INTO order_details (order_id, product_id, price, quantity) "
        f"SELECT {order_id}, 'part-' || number, 1, 1 FROM generate_series(1, 200) AS number"
    )
    assert {api(f"GET /orders/{order_id}").headers["X-Cache"] for _ in range(10)} == {"BYPASS"}
    for product_id in ids[::50]:
        hit(api, f"GET /products/{product_id}")
    assert Client(stack.port)(f"DELETE /orders/{order_id}").status == 204
    assert [in_stock(api, product_id) for product_id in ids] == [11] * 200


def rate_of_hits(connection, target, seconds, write=None):
    """Of reads of `target`, a thousand a second; after each hundred there is a write."""
    sources = []
    began = time.monotonic()
    while (elapsed := time.monotonic() - began) < seconds:
        if len(sources) > 1000 * elapsed:
            time.sleep(0.001)
            continue
        if write and len(sources) % 100 == 0:
            write(len(sources))
        sources.append(connection(f"GET {target}").header("X-Cache"))
    print(f"{sources.count('HIT')} hits of {len(sources)}")
    assert len(sources) > 100 * seconds
    return sources.count("HIT") / len(sources)


def test_without_writes_more_than_95_percent_are_hits(stack, item):
    with Connection(stack.port) as connection:
        assert rate_of_hits(connection, item, 3) > 0.95


def test_with_a_write_to_a_hundred_reads_more_than_80_percent_are_hits(stack, item):
    with Connection(stack.port) as connection:

        def write(number):
            assert connection(f"PATCH {ODYSSEY}", {"maximum_speed": number}).status == 200

        assert rate_of_hits(connection, item, 3, write) > 0.8
