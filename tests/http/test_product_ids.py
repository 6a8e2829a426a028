"""Which ids a product may have. In a path they are percent-encoded, and decoded once."""

from urllib.parse import quote

import pytest

from shop.samples import a_detail, an_order, make_order, make_product, product_path, show_order, without

GOOD_IDS = ["x" * 128, "é" * 64, "\U0001f6f8" * 32, " ", "two words", "\u00a0", "\u2028", "\U0010ffff"]
GOOD_IDS += ["é", "e\u0301"]  # Two ids: they are not normalised.
# Decoded twice, %41 would be "A".
GOOD_IDS += r"""x 0 - ... .hidden a.b 100% %41 %2F a+b a?b=c&d a#b 'quotes" back\slash a:b;c,d=e@f {}[]<>|^`~!$*()
                products:index 飛行船""".split()

BAD_IDS = ["", "x" * 129, "é" * 64 + "x", ".", "..", "/", "a/b", "\x00", "a\x1fb", "a\nb", "\x7f", "\u0080", "a\u009fb"]


def short(product_id):
    return ascii(product_id)[:30]


@pytest.mark.parametrize("product_id", GOOD_IDS, ids=short)
def test_good_ids_through_a_products_life(api, product_id):
    product = make_product(api, product_id)
    path = product_path(product_id)
    assert api(f"GET {path}").json == product
    assert api(f"HEAD {path}").status == 200
    assert api(f"PUT {path}", product | {"in_stock": 1}).json == product | {"in_stock": 1}
    assert api(f"PATCH {path}", {"in_stock": 2, "id": product_id}).json == product | {"in_stock": 2}
    assert api("GET /products").json == [product | {"in_stock": 2}]

    detail = show_order(api, make_order(api, a_detail(product_id)))["order_details"][0]
    assert detail["product_id"] == product_id
    assert detail["product"] == product | {"in_stock": 1}
    assert detail["image"] == f"http://www.example.com/airship/images/{quote(product_id, safe='')}.jpg"

    assert api(f"DELETE {path}").status == 204
    assert api(f"GET {path}").outcome == "404 PRODUCT_NOT_FOUND"


@pytest.mark.parametrize("product_id", BAD_IDS, ids=short)
def test_bad_ids_in_bodies(api, odyssey, product_id):
    assert list(api("POST /products", odyssey | {"id": product_id}).fields) == ["id"]
    answer = api("POST /orders", an_order(a_detail(), a_detail(product_id)))
    assert list(answer.fields) == ["order_details.1.product_id"]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("product_id", [bad for bad in BAD_IDS if bad and "\x00" not in bad], ids=short)
def test_bad_ids_in_paths_name_nothing(api, odyssey, method, product_id):
    # quote() does not encode dots, and the client would take "/products/.." for "/".
    path = "/products/" + quote(product_id, safe="").replace(".", "%2E")
    assert api(f"{method} {path}", without(odyssey, "id")).outcome in ("404 PRODUCT_NOT_FOUND", "404 NOT_FOUND")


@pytest.mark.parametrize("encoded", ["%FF", "a%C3", "%ED%A0%80", "%C0%AF", "%F4%90%80%80", "a%C3%28"])
def test_paths_that_are_not_utf8_name_nothing(api, odyssey, encoded):
    assert api(f"GET /products/{encoded}").outcome in ("404 PRODUCT_NOT_FOUND", "404 NOT_FOUND")
    assert api(f"DELETE /products/{encoded}").outcome in ("404 PRODUCT_NOT_FOUND", "404 NOT_FOUND")


@pytest.mark.parametrize("encoded", ["%", "%4", "%zz", "a%4gb", "%00", "a%00b"])
def test_paths_that_do_not_decode_are_malformed(api, encoded):
    """nginx refuses them when it reads the request line (RFC 3986 section 2.1)."""
    assert api(f"GET /products/{encoded}").outcome == "400 BAD_REQUEST"


@pytest.mark.parametrize(
    "encoded, product_id",
    [
        ("%74%68%65%5Fodyssey", "the_odyssey"),  # Any character may be encoded.
        ("%c3%a9", "é"),  # Hexadecimal digits may be small letters.
        ("a+b", "a+b"),  # A plus means a space in queries only.
        ("a%20b", "a b"),
        ("a&b=c", "a&b=c"),
        ("a;b", "a;b"),
        ("%2541", "%41"),
        ("%252F", "%2F"),
    ],
)
def test_decoded_once(api, encoded, product_id):
    product = make_product(api, product_id)
    assert api(f"GET /products/{encoded}").json == product


@pytest.mark.parametrize("path", ["/products/the_odyssey/", "/products/the_odyssey/stock", "/products/the/odyssey"])
def test_a_slash_does_not_end_an_id(api, odyssey, path):
    assert api(f"GET {path}").outcome in ("404 PRODUCT_NOT_FOUND", "404 NOT_FOUND")


@pytest.mark.parametrize("name", ["é", "飛行船"])
def test_bytes_beyond_ascii_in_a_path_need_no_encoding(api, name):
    """RFC 3986 forbids them, but some clients send them, and nginx passes them on."""
    product = make_product(api, name)
    request = b"GET /products/" + name.encode() + b" HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n"
    assert api.raw(request).json == product
