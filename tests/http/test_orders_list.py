"""GET /orders: pages in the order of the ids, products on request. Malformed parameters are in test_query.py."""

import pytest

from shop.samples import a_detail, make_order, make_product, pages, show_order, without


@pytest.fixture
def many(api, odyssey):
    """Seven orders as the list shows them, with and without their products."""
    make_product(api, "the_enigma")
    ids = [make_order(api, a_detail(quantity=n + 1), a_detail("the_enigma", price=n)) for n in range(7)]
    api("DELETE /products/the_enigma")
    return [show_order(api, order_id) for order_id in ids]


def bare(orders):
    """The orders without the fields that only expand=product shows."""
    return [
        order | {"order_details": [without(detail, "image", "product") for detail in order["order_details"]]}
        for order in orders
    ]


def test_without_orders(api, odyssey):
    api(f"DELETE /orders/{make_order(api)}")
    for target in ("/orders", "/orders?expand=product", "/orders/"):
        answer = api(f"GET {target}")
        assert (answer.status, answer.json, answer.headers["Link"]) == (200, [], None)


@pytest.mark.parametrize("target", ["/orders", "/orders/", "/orders?after=0", "/orders?limit=7", "/orders?limit=1000"])
def test_details_without_products(api, many, target):
    answer = api(f"GET {target}")
    assert (answer.status, answer.json, answer.headers["Link"]) == (200, bare(many), None)


def test_details_with_products(api, many):
    """A deleted product is null in the list as well."""
    answer = api("GET /orders?expand=product")
    assert (answer.status, answer.json) == (200, many)
    assert [detail["product"] is None for detail in answer.json[0]["order_details"]] == [False, True]


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 8])
def test_following_the_links_gives_every_order_once(api, many, limit):
    plain = list(pages(api, f"/orders?limit={limit}"))
    assert [order for page in plain for order in page] == bare(many)
    assert all(len(page) == limit for page in plain[:-1]) and plain[-1]

    expanded = list(pages(api, f"/orders?limit={limit}&expand=product"))
    assert [order for page in expanded for order in page] == many
    assert all(len(page) == limit for page in expanded[:-1]) and expanded[-1]


def test_the_link(api, many):
    last = many[2]["id"]
    plain = api("GET /orders?limit=3")
    assert plain.headers["Link"] == f'</orders?limit=3&after={last}>; rel="next"'
    expanded = api("GET /orders?expand=product&limit=3&colour=red")
    assert expanded.headers["Link"] == f'</orders?limit=3&after={last}&expand=product>; rel="next"'


def test_after_need_not_exist(api, many):
    api(f"DELETE /orders/{many[3]['id']}")
    rest = api(f"GET /orders?after={many[3]['id']}").json
    assert [order["id"] for order in rest] == [order["id"] for order in many[4:]]


@pytest.mark.parametrize("after", [2**31, 2**63 - 1])
def test_after_the_last(api, many, after):
    answer = api(f"GET /orders?after={after}")
    assert (answer.status, answer.json, answer.headers["Link"]) == (200, [], None)


def test_a_hundred_if_limit_is_left_out(api, stack, odyssey):
    """The orders are made in PostgreSQL, where the details of one order do not lie together."""
    stack.postgres(
        """
        INSERT INTO orders (id) SELECT id FROM generate_series(1000001, 1000101) AS id;
        INSERT INTO order_details (order_id, product_id, price, quantity)
          SELECT 1000000 + id, 'the_odyssey', id, round
          FROM generate_series(1, 3) AS round, generate_series(1, 101) AS id
        """
    )
    first = api("GET /orders")
    assert [order["id"] for order in first.json] == list(range(1000001, 1000101))
    assert all([d["quantity"] for d in order["order_details"]] == [1, 2, 3] for order in first.json)
    assert first.headers["Link"] == '</orders?limit=100&after=1000100>; rel="next"'

    last = api("GET /orders?limit=100&after=1000100")
    assert [order["id"] for order in last.json] == [1000101]
    assert last.headers["Link"] is None


def test_a_page_of_a_thousand(api, stack, odyssey):
    stack.postgres(
        """
        INSERT INTO orders (id) SELECT id FROM generate_series(1000001, 1001001) AS id;
        INSERT INTO order_details (order_id, product_id, price, quantity)
          SELECT id, 'p' || id, 1, 1 FROM generate_series(1000001, 1001001) AS id
        """
    )
    answer = api("GET /orders?limit=1000&expand=product")
    assert [order["id"] for order in answer.json] == list(range(1000001, 1001001))
    assert answer.headers["Link"] == '</orders?limit=1000&after=1001000&expand=product>; rel="next"'
