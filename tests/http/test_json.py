"""A body must be JSON (RFC 8259, UTF-8, at most 32 levels deep) and an object."""

import json

import pytest

from shop.samples import NOT_STRING, a_product, an_order, make_order

PRODUCT = json.dumps(a_product()).encode()


def product_with(unknown_field):
    """A product's JSON text with `unknown_field` inserted as it is."""
    return PRODUCT[:-1] + b", " + unknown_field + b"}"


def nested(levels, opening, closing):
    """A product with an unknown field. The text is `levels` deep, counting the object itself."""
    return product_with(b'"x": ' + opening * (levels - 1) + closing * (levels - 1))


NOT_JSON = {
    "empty": b"",
    "whitespace": b" \r\n\t ",
    "half an object": b"{",
    "half a text": PRODUCT[:-1],
    "two documents": PRODUCT + PRODUCT,
    "garbage after it": PRODUCT + b"x",
    "a comma after it": PRODUCT + b",",
    "a brace after it": PRODUCT + b"}",
    "garbage before it": b"x" + PRODUCT,
    "NUL after it": PRODUCT + b"\0",
    "NUL and more after it": PRODUCT + b"\0" + PRODUCT,
    "NUL before it": b"\0" + PRODUCT,
    "form feed after it": PRODUCT + b"\f",
    "byte order mark": b"\xef\xbb\xbf" + PRODUCT,
    "byte order mark after it": PRODUCT + b"\xef\xbb\xbf",
    "UTF-16": PRODUCT.decode().encode("utf-16"),
    "UTF-16 without a mark": PRODUCT.decode().encode("utf-16-le"),
    "a form": b"id=the_odyssey&title=The+Odyssey",
    "XML": b"<product/>",
    "single quotes": PRODUCT.replace(b'"', b"'"),
    "a name without quotes": b"{id: 1}",
    "a number as name": b"{1: 1}",
    "a comma too many": PRODUCT[:-1] + b",}",
    "a comma too many in a list": product_with(b'"x": [1,]'),
    "a colon too few": b'{"id" "x"}',
    "a value too few": b'{"id": }',
    "a comment": b"/* x */ " + PRODUCT,
    "a comment at the end": PRODUCT + b" // x",
    "NaN": product_with(b'"x": NaN'),
    "Infinity": product_with(b'"x": Infinity'),
    "-Infinity": product_with(b'"x": -Infinity'),
    "True": product_with(b'"x": True'),
    "undefined": product_with(b'"x": undefined'),
    "a plus sign": product_with(b'"x": +1'),
    "a leading zero": product_with(b'"x": 01'),
    "no digit before the point": product_with(b'"x": .5'),
    "no digit after the point": product_with(b'"x": 1.'),
    "no digit in the exponent": product_with(b'"x": 1e'),
    "only a sign": product_with(b'"x": -'),
    "hexadecimal": product_with(b'"x": 0x10'),
    "a control character in a string": product_with(b'"x": "a\tb"'),
    "a line break in a string": product_with(b'"x": "a\nb"'),
    "NUL in a string": product_with(b'"x": "a\0b"'),
    "a string without an end": product_with(b'"x": "abc'),
    "an unknown escape": product_with(rb'"x": "\x41"'),
    "half an escape": product_with(rb'"x": "\u00"'),
    "an escape of no digits": product_with(rb'"x": "\uzzzz"'),
    "a lone high surrogate": product_with(rb'"x": "\ud800"'),
    "a lone low surrogate": product_with(rb'"x": "\udc00"'),
    "a high surrogate and a letter": product_with(rb'"x": "\ud800A"'),
    "a high surrogate and another escape": product_with(rb'"x": "\ud800\u0041"'),
    "two high surrogates": product_with(rb'"x": "\ud800\ud800"'),
    "surrogates the wrong way round": product_with(rb'"x": "\udc00\ud800"'),
    "a lone surrogate in a name": product_with(rb'"\ud800": 1'),
    "a lone surrogate deep inside": product_with(rb'"x": [{"y": ["\udfff"]}]'),
    "a surrogate in UTF-8": product_with(b'"x": "\xed\xa0\x80"'),
    "a pair of surrogates in UTF-8": product_with(b'"x": "\xed\xa0\xbd\xed\xba\x80"'),
    "no UTF-8": product_with(b'"x": "\xff"'),
    "no UTF-8 in a name": product_with(b'"\xff": 1'),
    "Latin-1": product_with(b'"x": "\xfcber"'),
    "a continuation alone": product_with(b'"x": "\x80"'),
    "half a character": product_with(b'"x": "\xe9\xa3"'),
    "an overlong slash": product_with(b'"x": "\xc0\xaf"'),
    "an overlong character": product_with(b'"x": "\xf0\x82\x82\xac"'),
    "beyond U+10FFFF": product_with(b'"x": "\xf4\x90\x80\x80"'),
    "33 lists deep": nested(33, b"[", b"]"),
    "33 objects deep": nested(33, b'{"a":', b"}").replace(b":}", b":1}"),
    "33 in both": product_with(b'"x": ' + b'[{"a":' * 16 + b"1" + b"}]" * 16),
    "half a million lists deep": b"[" * 500_000,
    "half a million lists deep, closed": product_with(b'"x": ' + b"[" * 500_000 + b"]" * 500_000),
    "two hundred thousand objects deep": b'{"a":' * 200_000,
}

# JSON, but not an object.
NO_OBJECT = [b"null", b"true", b"5", b'"the_odyssey"', b"[]", b"[" + PRODUCT + b"]", b" null "]

IS_JSON = {
    "whitespace around it": b" \t\r\n" + PRODUCT + b"\n\r\t ",
    "whitespace inside": json.dumps(a_product(), indent="\t").encode(),
    "escaped names": PRODUCT.replace(b'"title"', rb'"\u0074\u0069tle"'),
    "every escape": product_with(rb'"\"": "\"\\\/\b\f\n\r\t\u0000\uFFFF"'),
    "a pair of surrogates": product_with(rb'"x": "\ud83d\udef8"'),
    "any character": product_with('"\U0010ffff": "\ud7ff\ue000\ufeff\ufffe\x7f\u0080\u2028"'.encode()),
    "an empty name": product_with(b'"": {}'),
    "numbers of every form": product_with(b'"x": [0, -0, 1.5e+10, 1E-5, -0.0, 1e5, 123456789012345678901234567890]'),
    "a number beyond any double": product_with(b'"x": 1e999'),
    "a number beyond any double, below zero": product_with(b'"x": [-1e999]'),
    "a number near zero": product_with(b'"x": 1e-999'),
    "a long number": product_with(b'"x": ' + b"9" * 10_000),
    "32 lists deep": nested(32, b"[", b"]"),
    "32 objects deep": nested(32, b'{"a":', b"}").replace(b":}", b":1}"),
    "32 in both": product_with(b'"x": [' + b'{"a": [' * 15 + b"1" + b"]}" * 15 + b"]"),
    "wide, not deep": product_with(b'"x": [' + b"[]," * 100_000 + b"[]]"),
    "unknown fields of every type": product_with(b'"a": null, "b": true, "c": "x", "d": [1, {"e": null}], "f": {}'),
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_not_json(api, body):
    assert api("POST /products", body).outcome == "400 BAD_REQUEST"


@pytest.mark.parametrize("body", NO_OBJECT, ids=repr)
def test_what_is_no_object(api, body):
    assert api("POST /products", body).outcome == "400 BAD_REQUEST"


@pytest.mark.parametrize("body", IS_JSON.values(), ids=IS_JSON.keys())
def test_what_is_json(api, body):
    assert api("POST /products", body).status == 200
    assert api("GET /products").json == [a_product()]


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{", b"{}x", b"{}\0", b"\xef\xbb\xbf{}", rb'{"x": "\ud800"}', b'{"\xff": 1}', b"[" * 9999],
    ids=lambda body: repr(body)[:20],
)
@pytest.mark.parametrize(
    "request_line", ["POST /orders", "PUT /orders/{}", "PATCH /orders/{}", "PUT /products/x", "PATCH /products/x"]
)
def test_wherever_a_body_is_read(api, odyssey, request_line, body):
    assert api(request_line.format(make_order(api)), body).outcome == "400 BAD_REQUEST"


@pytest.mark.parametrize("first", ['"id": "other"', '"id": 5, "title": null, "in_stock": []', '"order_details": 1'])
def test_of_a_name_given_twice_the_last_counts(api, first):
    assert api("POST /products", b"{" + first.encode() + b", " + PRODUCT[1:]).json == {"id": "the_odyssey"}
    assert api("GET /products").json == [a_product()]


def test_a_name_given_twice_with_a_fault_in_the_last(api):
    assert api("POST /products", product_with(b'"title": 5')).fields == {"title": NOT_STRING}


def test_a_name_given_twice_in_an_order(api, odyssey):
    order = json.dumps(an_order()).replace('"quantity": 1', '"quantity": "x", "quantity": 2')
    order_id = api("POST /orders", b'{"order_details": 5, ' + order.encode()[1:]).json["id"]
    assert api(f"GET /orders/{order_id}").json["order_details"][0]["quantity"] == 2


def test_a_name_given_twice_in_two_spellings(api):
    body = product_with(rb'"\u0074itle": "The second"')
    api("POST /products", body)
    assert api("GET /products/the_odyssey").json["title"] == "The second"


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json",
        "application/json; charset=latin-1",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "x",
    ],
)
def test_any_content_type_is_read_as_json(api, content_type):
    headers = {} if content_type is None else {"Content-Type": content_type}
    assert api("POST /products", a_product(title="Zürich"), headers).status == 200
    assert api("GET /products").json == [a_product(title="Zürich")]


@pytest.mark.parametrize("accept", ["text/html", "application/xml;q=1, */*;q=0", "x"])
def test_json_is_answered_whatever_is_accepted(api, odyssey, accept):
    assert api("GET /products", headers={"Accept": accept, "Accept-Encoding": "gzip"}).json == [odyssey]
