"""The pages /docs and /redoc, as who opens them finds them."""

import pytest
from selenium.webdriver.common.by import By

from shop.samples import a_product, show_order
from shop.stack import wait_for
from shown_api import Operation, asked_for, console, element, open_page

ODYSSEY = a_product()


@pytest.fixture
def origin(stack):
    return f"http://localhost:{stack.port}"


@pytest.fixture
def docs(browser, origin, api):
    """Of a shop that is empty."""
    open_page(browser, origin, "/docs")
    return browser


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_it_loads_quietly_and_from_here(browser, origin, page):
    open_page(browser, origin, page)
    assert console(browser) == []
    urls = asked_for(browser)
    assert f"{origin}/openapi.json" in urls
    assert [url for url in urls if not url.startswith((f"{origin}/", f"blob:{origin}/", "data:"))] == []


def test_redoc_searches(browser, origin):
    open_page(browser, origin, "/redoc")
    element(browser, "input[placeholder='Search...']").send_keys("idempotency")
    wait_for(lambda: "Create an order" in element(browser, "[data-role='search:results']").text, "it finds the key")
    assert console(browser) == []


def test_the_example_is_created_and_fetched(docs, api):
    assert Operation(docs, "products", "putProduct").execute() == (200, {"id": "the_odyssey"})
    assert Operation(docs, "products", "getProduct").execute() == (200, ODYSSEY)
    assert api("GET /products").json == [ODYSSEY]
    assert console(docs) == []


def test_an_order_with_a_key_is_created_once(docs, api):
    api("POST /products", ODYSSEY)
    create = Operation(docs, "orders", "createOrder")
    create.set("Idempotency-Key", "a-key")
    status, order = create.execute()
    assert status == 200 and show_order(api, order["id"])["order_details"][0]["price"] == "100000.99"
    assert create.execute() == (200, order)
    assert len(api("GET /orders").json) == 1
    assert console(docs) == []


def test_what_is_not_there_is_said_not_to_be(docs):
    get = Operation(docs, "products", "getProduct")
    get.set("id", "the_enigma")
    status, error = get.execute()
    assert (status, error["error"]) == (404, "PRODUCT_NOT_FOUND")
    assert docs.find_element(By.CSS_SELECTOR, ".live-responses-table").text.count("the_enigma") == 1
