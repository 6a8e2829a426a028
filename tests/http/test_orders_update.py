"""PUT and PATCH of an order: they change the prices and quantities of its details."""

import pytest

from shop.samples import MISSING, a_detail, detail_ids, make_order, make_product, show_order


@pytest.fixture
def order_id(api, odyssey):
    """An order of two details: 1 x 1.00 of the odyssey and 2 x 2.00 of the enigma."""
    make_product(api, "the_enigma")
    return make_order(api, a_detail(price="1.00", quantity=1), a_detail("the_enigma", price="2.00", quantity=2))


def shown(api, order_id):
    return [(detail["price"], detail["quantity"]) for detail in show_order(api, order_id)["order_details"]]


def test_put_replaces_every_detail(api, order_id):
    first, second = detail_ids(api, order_id)
    details = [{"id": first, "price": "10", "quantity": 3}, {"id": second, "price": 20.5, "quantity": 4}]
    answer = api(f"PUT /orders/{order_id}", {"order_details": details})
    assert answer.status == 200
    assert answer.json == show_order(api, order_id)
    assert shown(api, order_id) == [("10.00", 3), ("20.50", 4)]


def test_put_in_another_order_keeps_the_order_of_ids(api, order_id):
    first, second = detail_ids(api, order_id)
    details = [{"id": second, "price": "20", "quantity": 4}, {"id": first, "price": "10", "quantity": 3}]
    assert api(f"PUT /orders/{order_id}", {"order_details": details}).status == 200
    assert detail_ids(api, order_id) == [first, second]
    assert shown(api, order_id) == [("10.00", 3), ("20.00", 4)]


def test_put_of_what_get_showed_changes_nothing(api, stack, order_id):
    """PUT ignores the fields that GET shows and PUT does not know, such as image and product."""
    order, before = show_order(api, order_id), stack.fingerprint()
    answer = api(f"PUT /orders/{order_id}", order)
    assert (answer.status, answer.json) == (200, order)
    assert stack.fingerprint() == before


@pytest.mark.parametrize(
    "change, result",
    [
        ({"price": "9.99"}, [("1.00", 1), ("9.99", 2)]),
        ({"quantity": 5}, [("1.00", 1), ("2.00", 5)]),
        ({"price": 0, "quantity": 7}, [("1.00", 1), ("0.00", 7)]),
        ({}, [("1.00", 1), ("2.00", 2)]),
        ({"price": "2", "quantity": 2}, [("1.00", 1), ("2.00", 2)]),
        ({"product_id": "the_odyssey", "image": "x"}, [("1.00", 1), ("2.00", 2)]),
    ],
    ids=str,
)
def test_patch_replaces_what_is_named(api, order_id, change, result):
    second = detail_ids(api, order_id)[1]
    answer = api(f"PATCH /orders/{order_id}", {"order_details": [{"id": second} | change]})
    assert answer.status == 200
    assert answer.json == show_order(api, order_id)
    assert shown(api, order_id) == result
    assert [d["product_id"] for d in answer.json["order_details"]] == ["the_odyssey", "the_enigma"]


def test_patch_of_several_details(api, order_id):
    first, second = detail_ids(api, order_id)
    body = {"order_details": [{"id": second, "quantity": 9}, {"id": first, "price": "8"}]}
    assert api(f"PATCH /orders/{order_id}", body).status == 200
    assert shown(api, order_id) == [("8.00", 1), ("2.00", 9)]


def test_the_id_in_the_body_is_ignored(api, order_id):
    """order_details is an order's only field. docs/api.md says that other names are ignored."""
    order = show_order(api, order_id)
    assert api(f"PATCH /orders/{order_id}", order | {"id": order_id + 1}).json == order


def test_an_update_leaves_other_orders_alone(api, order_id):
    other = make_order(api, a_detail(quantity=3))
    before = show_order(api, other)
    first = detail_ids(api, order_id)[0]
    api(f"PATCH /orders/{order_id}", {"order_details": [{"id": first, "price": "7"}]})
    assert show_order(api, other) == before


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("foreign", [0, -1, 2**31, 2**63 - 1, 2**63, 10**30])
def test_a_detail_that_no_order_has(api, order_id, method, foreign):
    details = show_order(api, order_id)["order_details"]
    answer = api(f"{method} /orders/{order_id}", {"order_details": details + [details[0] | {"id": foreign}]})
    assert list(answer.fields) == ["order_details.2.id"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_detail_of_another_order(api, order_id, method):
    foreign = detail_ids(api, make_order(api))[0]
    details = show_order(api, order_id)["order_details"]
    answer = api(f"{method} /orders/{order_id}", {"order_details": [details[0] | {"id": foreign}, *details]})
    assert list(answer.fields) == ["order_details.0.id"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_detail_named_twice(api, order_id, method):
    details = show_order(api, order_id)["order_details"]
    answer = api(f"{method} /orders/{order_id}", {"order_details": [*details, details[0] | {"quantity": 2}]})
    assert list(answer.fields) == ["order_details.2.id"]


def test_put_must_name_every_detail(api, order_id):
    details = show_order(api, order_id)["order_details"]
    answer = api(f"PUT /orders/{order_id}", {"order_details": details[:1]})
    assert list(answer.fields) == ["order_details"]


@pytest.mark.parametrize("lost", ["id", "price", "quantity"])
def test_put_must_name_every_field(api, order_id, lost):
    details = show_order(api, order_id)["order_details"]
    del details[1][lost]
    answer = api(f"PUT /orders/{order_id}", {"order_details": details})
    assert answer.fields == {f"order_details.1.{lost}": MISSING}


def test_patch_must_name_the_detail(api, order_id):
    answer = api(f"PATCH /orders/{order_id}", {"order_details": [{"quantity": 1}]})
    assert answer.fields == {"order_details.0.id": MISSING}


@pytest.mark.parametrize("count", [1, 100])
def test_put_of_one_and_of_a_hundred_details(api, odyssey, count):
    order_id = make_order(api, *[a_detail() for _ in range(count)])
    details = [{"id": detail, "price": "5", "quantity": 1 + detail % 7} for detail in detail_ids(api, order_id)]
    assert api(f"PUT /orders/{order_id}", {"order_details": details}).status == 200
    assert shown(api, order_id) == [("5.00", detail["quantity"]) for detail in details]
