"""A hash without all fields is no product. Late stock changes of the Python shop left such hashes behind."""

import pytest

from shop.samples import a_detail, a_product, an_order, in_stock, make_order, make_product, pages, show_order, without

PATH = "/products/the_odyssey"

# Redis commands that damage the hash of a good product.
DAMAGES = [
    ["HDEL", "id", "title", "passenger_capacity", "maximum_speed"],
    ["HDEL", "id"],
    ["HDEL", "title"],
    ["HDEL", "passenger_capacity"],
    ["HDEL", "maximum_speed"],
    ["HDEL", "in_stock"],
    # A hash whose values cannot be shown is no product either.
    ["HSET", "in_stock", "ten"],
    ["HSET", "in_stock", ""],
    ["HSET", "in_stock", "1.5"],
    ["HSET", "in_stock", "99999999999999999999"],
    ["HSET", "maximum_speed", "-"],
    ["HSET", "passenger_capacity", "1e3"],
    ["HSET", "id", ""],
]


def damage(redis, product_id, how):
    redis.execute_command(how[0], f"products:{product_id}", *how[1:])


@pytest.fixture(params=DAMAGES, ids=lambda how: " ".join(str(word) for word in how))
def how(request):
    return request.param


@pytest.fixture
def incomplete(api, redis, how):
    """A damaged product that is still in the index."""
    odyssey = make_product(api)
    damage(redis, "the_odyssey", how)
    return odyssey


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_it_does_not_exist(api, incomplete, method):
    body = without(incomplete, "id") if method in ("PUT", "PATCH") else None
    assert api(f"{method} {PATH}", body).outcome == "404 PRODUCT_NOT_FOUND"


def test_head_finds_nothing(api, incomplete):
    assert api(f"HEAD {PATH}").status == 404


def test_it_is_not_listed(api, incomplete):
    enigma = make_product(api, "the_enigma")
    assert api("GET /products").json == [enigma]


def test_it_cannot_be_ordered(api, incomplete):
    make_product(api, "the_enigma")
    answer = api("POST /orders", an_order(a_detail("the_enigma"), a_detail()))
    assert (answer.outcome, answer.json["message"]) == ("404 PRODUCT_NOT_FOUND", "Product Id the_odyssey")
    assert in_stock(api, "the_enigma") == 10


def test_it_can_be_created_again(api, incomplete):
    assert api("POST /products", a_product(in_stock=4)).status == 200
    assert api(f"GET {PATH}").json == a_product(in_stock=4)
    assert api("GET /products").json == [a_product(in_stock=4)]


def test_it_is_null_in_orders(api, redis, odyssey, how):
    order_id = make_order(api)
    damage(redis, "the_odyssey", how)
    assert show_order(api, order_id)["order_details"][0]["product"] is None
    assert api("GET /orders?expand=product").json[0]["order_details"][0]["product"] is None


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_are_full_in_spite_of_it(api, redis, how, limit):
    """Incomplete hashes do not count: a page has `limit` products, unless it is the last."""
    whole = [make_product(api, f"p{number}") for number in (2, 4, 6, 8, 9)]
    for number in (1, 3, 5, 7):
        make_product(api, f"p{number}")
        damage(redis, f"p{number}", how)

    seen = list(pages(api, f"/products?limit={limit}"))
    assert [product for page in seen for product in page] == whole
    assert all(len(page) == limit for page in seen[:-1])


def test_a_title_that_is_not_utf8_is_shown_with_replacement_characters(api, redis, odyssey):
    """Such a product is complete: it can be read, ordered and mended."""
    redis.hset("products:the_odyssey", "title", b"A\xffB")
    assert api(f"GET {PATH}").json == odyssey | {"title": "A\ufffdB"}
    assert api("GET /products").json == [odyssey | {"title": "A\ufffdB"}]
    assert make_order(api) > 0
    assert api(f"PATCH {PATH}", {"title": "mended"}).json["title"] == "mended"
