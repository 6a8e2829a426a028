"""The pages /docs and /redoc in use."""

import pytest
from selenium.webdriver.common.by import By

from shop.samples import a_product, show_order
from shop.stack import wait_for
from shown_api import Operation, console, element, open_page, requested_urls

ODYSSEY = a_product()


@pytest.fixture
def origin(stack):
    return f"http://localhost:{stack.port}"


@pytest.fixture
def docs(browser, origin, api):
    """The browser with the page /docs of an empty shop."""
    open_page(browser, origin, "/docs")
    return browser


@pytest.mark.parametrize("page", ["/docs", "/redoc"])
def test_a_page_loads_from_the_shop_only_and_without_errors(browser, origin, page):
    open_page(browser, origin, page)
    assert console(browser) == []
    urls = requested_urls(browser)
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


def test_a_404_is_shown(docs):
    get = Operation(docs, "products", "getProduct")
    get.set("id", "the_enigma")
    status, error = get.execute()
    assert (status, error["error"]) == (404, "PRODUCT_NOT_FOUND")
    assert docs.find_element(By.CSS_SELECTOR, ".live-responses-table").text.count("the_enigma") == 1
