"""What pages can do with the shop: pages of its origins can do everything, foreign pages nothing."""

import json

import pytest

from shop.samples import a_product, make_order, make_product
from shop.stack import wait_for

# Runs a fetch and returns its answer, or the name of the error that the page gets instead.
FETCH = """
const [url, options, done] = arguments;
fetch(url, options)
  .then(async answer => done({status: answer.status, type: answer.type, body: await answer.text(),
                              headers: Object.fromEntries(answer.headers)}))
  .catch(error => done({error: error.name}));
"""

# A form with text/plain sends NAME=VALUE and a line break, which can be made to be JSON.
SUBMIT = """
const [url, name, value] = arguments;
const form = document.createElement("form");
form.method = "POST"; form.enctype = "text/plain"; form.action = url;
const input = document.createElement("input");
input.name = name; input.value = value;
form.append(input); document.body.append(form); form.submit();
"""


class Page:
    """A page in the browser, and the shop that its scripts send requests to."""

    def __init__(self, browser, url, shop_url):
        self._browser = browser
        self._shop_url = shop_url
        browser.get(url)

    def fetch(self, request, **options):
        """`request` is as for shop.client.Client; `options` are those of JavaScript's fetch."""
        method, path = request.split(" ")
        return self._browser.execute_async_script(FETCH, self._shop_url + path, {"method": method} | options)

    def submit(self, path, product):
        """Submits a form. Returns the text that the browser shows then."""
        name, _, value = json.dumps(product | {"x": "="}).partition("=")
        self._browser.execute_script(SUBMIT, self._shop_url + path, name, value)
        wait_for(lambda: self._browser.current_url == self._shop_url + path, "the form's answer")
        return self._browser.find_element("tag name", "body").text


@pytest.fixture
def our_page(browser, stack, page_port):
    return Page(browser, f"http://localhost:{page_port}/", f"http://127.0.0.1:{stack.port}")


@pytest.fixture
def foreign_page(browser, stack, page_port):
    return Page(browser, f"http://evil.example:{page_port}/", f"http://127.0.0.1:{stack.port}")


@pytest.fixture
def rebound_page(browser, stack):
    """A page whose name now has the shop's address. For the browser both are one origin, so it may read everything."""
    url = f"http://evil.example:{stack.port}"
    return Page(browser, f"{url}/nowhere", url)


JSON = {"Content-Type": "application/json"}


def test_our_page_writes_and_reads(our_page, api):
    created = our_page.fetch("POST /products", headers=JSON, body=json.dumps(a_product()))
    assert (created["status"], json.loads(created["body"])) == (200, {"id": "the_odyssey"})
    assert created["headers"]["x-request-id"]
    replaced = our_page.fetch("PUT /products/the_odyssey", body=json.dumps(a_product(in_stock=3)))
    assert json.loads(replaced["body"]) == api("GET /products/the_odyssey").json == a_product(in_stock=3)
    assert our_page.fetch("DELETE /products/the_odyssey")["status"] == 204
    assert api("GET /products").json == []


def test_our_page_sends_our_headers(our_page, api):
    make_product(api)
    order = {"order_details": [{"product_id": "the_odyssey", "price": "1", "quantity": 1}]}
    headers = JSON | {"Idempotency-Key": "k", "X-Request-ID": "mine"}
    answers = [our_page.fetch("POST /orders", headers=headers, body=json.dumps(order)) for _ in range(2)]
    assert answers[0]["body"] == answers[1]["body"]
    assert answers[0]["headers"]["x-request-id"] == "mine"
    assert len(api("GET /orders").json) == 1


def test_our_page_reads_lists_and_their_headers(our_page, api):
    make_product(api)
    for _ in range(2):
        order_id = make_order(api)
    for _ in range(2):  # From a worker, and from the cache.
        answer = our_page.fetch("GET /orders?limit=1")
        assert answer["headers"]["link"] == f'</orders?limit=1&after={order_id - 1}>; rel="next"'
        again = our_page.fetch("GET /orders?limit=1", headers={"If-None-Match": answer["headers"]["etag"]})
        assert again["status"] == 304


def test_our_page_reads_errors(our_page, api):
    answer = our_page.fetch("PATCH /nowhere", body="{}")
    assert (answer["status"], json.loads(answer["body"])["error"]) == (404, "NOT_FOUND")


def test_a_foreign_page_reads_nothing(foreign_page, api):
    assert foreign_page.fetch("GET /products") == {"error": "TypeError"}


@pytest.mark.parametrize("mode", ["cors", "no-cors"])
def test_a_foreign_page_writes_nothing(foreign_page, api, stack, mode):
    """The browser sends this write without a preflight. The page cannot read the answer, but it could write."""
    before, refused_before = stack.fingerprint(), refused_writes(stack)
    answer = foreign_page.fetch(
        "POST /products", mode=mode, headers={"Content-Type": "text/plain"}, body=json.dumps(a_product())
    )
    assert answer == {"error": "TypeError"} or (answer["type"], answer["status"]) == ("opaque", 0)
    wait_for(lambda: refused_writes(stack) == refused_before + 1, "the write has come, and was refused")
    assert stack.fingerprint() == before


def refused_writes(stack):
    """Their number in the log: a foreign page cannot see the status."""
    entries = [json.loads(line) for line in (stack.run_dir / "log/nginx-access.log").read_text().splitlines()]
    return sum((entry["method"], entry["status"]) == ("POST", 403) for entry in entries)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_foreign_page_may_not_send_other_methods(foreign_page, api, method):
    """The browser sends a preflight, which the shop does not allow."""
    make_product(api)
    assert foreign_page.fetch(f"{method} /products/the_odyssey") == {"error": "TypeError"}
    assert api("GET /products").json == [a_product()]


def test_a_foreign_form_writes_nothing(foreign_page, api, stack):
    before = stack.fingerprint()
    assert "FORBIDDEN_ORIGIN" in foreign_page.submit("/products", a_product())
    assert stack.fingerprint() == before


def test_our_form_writes(our_page, api):
    """This shows that the shop would understand the foreign form."""

    assert "the_odyssey" in our_page.submit("/products", a_product())
    assert api("GET /products").json == [a_product()]


@pytest.mark.parametrize("request_line", ["POST /products", "DELETE /products/the_odyssey"])
def test_a_rebound_page_writes_nothing(rebound_page, api, request_line):
    make_product(api)
    answer = rebound_page.fetch(request_line, body=json.dumps(a_product(title="changed")))
    assert (answer["status"], json.loads(answer["body"])["error"]) == (403, "FORBIDDEN_ORIGIN")
    assert api("GET /products").json == [a_product()]
