"""Stores that are filled directly hold what the shop itself would have stored."""

import pytest

from shop.client import Client
from shop.samples import a_detail, a_product, make_order, make_product
from stores import fill, remove_new


@pytest.fixture
def api(stack):
    fill(stack, 1000)
    return Client(stack.port)


@pytest.mark.parametrize("number", [0, 999])
def test_each_product_and_each_order_can_be_read(api, number):
    product = a_product(f"{number:012}", in_stock=1_000_000)
    assert api(f"GET /products/{number:012}").json == product
    (detail,) = api(f"GET /orders/{number + 1}").json["order_details"]
    assert (detail["product"], detail["price"], detail["quantity"]) == (product, "100000.99", 1)


def test_there_are_as_many_as_were_asked_for(api):
    assert len(api("GET /products?limit=1000").json) == 1000
    assert len(api("GET /orders?limit=1000").json) == 1000


def test_remove_new_removes_what_was_created_later_and_nothing_else(stack, api):
    before = stack.fingerprint()
    make_product(api, "new-1-1")
    assert make_order(api, a_detail("000000000007")) == 1001
    remove_new(stack, 1000)
    assert api("GET /products/new-1-1").status == api("GET /orders/1001").status == 404
    after = stack.fingerprint()
    assert {key for key in before if before[key] != after.get(key)} == {"products:000000000007"}  # Its stock.
