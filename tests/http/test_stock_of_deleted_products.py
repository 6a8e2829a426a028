"""A deleted product stays deleted: no stock change brings a part of it back."""

import pytest

from shop.samples import a_detail, in_stock, make_order, make_product, set_quantities, show_order


@pytest.fixture
def order_id(api, odyssey):
    """An order of 4 of the odyssey and 4 of the enigma. The odyssey has been deleted since."""
    make_product(api, "the_enigma")
    order_id = make_order(api, a_detail(quantity=4), a_detail("the_enigma", quantity=4))
    assert api("DELETE /products/the_odyssey").status == 204
    return order_id


def assert_stays_deleted(api, redis):
    assert redis.hgetall("products:the_odyssey") == {}
    assert redis.zrange("product_index", 0, -1) == ["the_enigma"]
    assert api("GET /products/the_odyssey").outcome == "404 PRODUCT_NOT_FOUND"
    assert [product["id"] for product in api("GET /products").json] == ["the_enigma"]


def test_deleting_the_order(api, redis, order_id):
    assert api(f"DELETE /orders/{order_id}").status == 204
    assert in_stock(api, "the_enigma") == 10
    assert_stays_deleted(api, redis)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("quantities, left", [((4, 4), 6), ((1, 4), 6), ((1, 1), 9), ((4, 8), 2)])
def test_an_update_that_takes_none_of_it(api, redis, order_id, method, quantities, left):
    answer = set_quantities(api, method, order_id, *quantities)
    assert answer.status == 200
    assert [(d["quantity"], d["product"] is None) for d in answer.json["order_details"]] == list(
        zip(quantities, [True, False])
    )
    assert in_stock(api, "the_enigma") == left
    assert_stays_deleted(api, redis)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("quantities", [(5, 4), (5, 1), (5, 8)])
def test_an_update_that_takes_more_of_it(api, redis, order_id, method, quantities):
    """Then no stock moves, not even that of the product that exists."""
    answer = set_quantities(api, method, order_id, *quantities)
    assert (answer.outcome, answer.json["message"]) == ("404 PRODUCT_NOT_FOUND", "Product Id the_odyssey")
    assert [detail["quantity"] for detail in show_order(api, order_id)["order_details"]] == [4, 4]
    assert in_stock(api, "the_enigma") == 6
    assert_stays_deleted(api, redis)


def test_stock_is_given_back_to_a_product_that_was_created_again(api, order_id):
    make_product(api, "the_odyssey", in_stock=100)
    set_quantities(api, "PATCH", order_id, 1, 4)
    assert in_stock(api) == 103
    api(f"DELETE /orders/{order_id}")
    assert in_stock(api) == 104


def test_more_is_taken_from_a_product_that_was_created_again(api, order_id):
    make_product(api, "the_odyssey", in_stock=100)
    assert set_quantities(api, "PATCH", order_id, 6, 4).status == 200
    assert in_stock(api) == 98


def test_a_hash_without_fields_gets_no_stock(api, redis, odyssey):
    """The Python shop left hashes with in_stock only. They are no products, and stay as they are."""
    order_id = make_order(api, a_detail(quantity=4))
    redis.hdel("products:the_odyssey", "title", "id")
    before = redis.hgetall("products:the_odyssey")
    assert set_quantities(api, "PATCH", order_id, 2).status == 200
    assert api(f"DELETE /orders/{order_id}").status == 204
    assert redis.hgetall("products:the_odyssey") == before
