"""GET and HEAD of one product."""

import pytest

from shop.samples import a_product


def test_get_shows_the_product(api, odyssey):
    answer = api("GET /products/the_odyssey")
    assert (answer.status, answer.json) == (200, odyssey)


def test_get_of_an_absent_product(api, odyssey):
    assert api("GET /products/the_enigma").outcome == "404 PRODUCT_NOT_FOUND"


def test_ids_are_case_sensitive(api, odyssey):
    assert api("GET /products/The_Odyssey").outcome == "404 PRODUCT_NOT_FOUND"


@pytest.mark.parametrize("product_id, status", [("the_odyssey", 200), ("the_enigma", 404)])
def test_head_says_whether_it_exists(api, odyssey, product_id, status):
    assert api(f"HEAD /products/{product_id}").status == status


def test_its_hash_in_redis_is_that_of_the_python_shop(api, redis):
    api("POST /products", a_product(title="Zürich", colour="red"))
    assert redis.hgetall("products:the_odyssey") == {
        "id": "the_odyssey",
        "title": "Zürich",
        "passenger_capacity": "101",
        "maximum_speed": "5",
        "in_stock": "10",
    }
    assert redis.zrange("product_index", 0, -1, withscores=True) == [("the_odyssey", 0)]
