"""Wrong bodies of products: the answer has all faults, each under its field, in the Python shop's words."""

import json

import pytest

from shop.samples import MISSING, NOT_INTEGER, NOT_STRING, NULL, a_product, without

RANGE = ["Must be between 0 and 2147483647."]
LENGTH = ["Length must be between 1 and 256."]

NUMBERS = ["passenger_capacity", "maximum_speed", "in_stock"]
REQUESTS = ["POST /products", "PUT /products/the_odyssey", "PATCH /products/the_odyssey"]

# A value as it is in the JSON text, and the messages.
BAD_NUMBERS = [("null", NULL)]
BAD_NUMBERS += [(text, NOT_INTEGER) for text in '"5" "" true false [] [5] {} 1.0 1.5 1e3 1E0 1e-1 1e999'.split()]
BAD_NUMBERS += [
    (str(number), RANGE)
    for number in (-1, 2**31, 2**32, -(2**31), 2**63, 2**64 + 1, -(2**63) - 1, 10**400)
]
BAD_TITLES = [("null", NULL), *[(text, NOT_STRING) for text in ("5", "true", "[]", '["The Odyssey"]', "{}")]]
BAD_TITLES += [(json.dumps(text), LENGTH) for text in ("", "x" * 257, "é" * 257, "\U0001f6f8" * 257)]
BAD_IDS = [("null", NULL), ("5", NOT_STRING), ("false", NOT_STRING), ("[]", NOT_STRING), ("{}", NOT_STRING)]


def text_with(name, value):
    return json.dumps(a_product() | {name: "@"}).replace('"@"', value).encode()


def short(value):
    return value[:30] if isinstance(value, str) else ""


@pytest.mark.parametrize("request_line", REQUESTS)
@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value, said", BAD_NUMBERS, ids=short)
def test_numbers(api, odyssey, request_line, name, value, said):
    assert api(request_line, text_with(name, value)).fields == {name: said}


@pytest.mark.parametrize("request_line", REQUESTS)
@pytest.mark.parametrize("value, said", BAD_TITLES, ids=short)
def test_titles(api, odyssey, request_line, value, said):
    assert api(request_line, text_with("title", value)).fields == {"title": said}


@pytest.mark.parametrize("request_line", REQUESTS)
@pytest.mark.parametrize("value, said", BAD_IDS, ids=short)
def test_ids(api, odyssey, request_line, value, said):
    """Strings that are no ids are in test_product_ids.py."""
    assert api(request_line, text_with("id", value)).fields == {"id": said}


@pytest.mark.parametrize("name", ["id", "title", *NUMBERS])
def test_create_needs_every_field(api, name):
    assert api("POST /products", without(a_product(), name)).fields == {name: MISSING}


@pytest.mark.parametrize("name", ["title", *NUMBERS])
def test_put_needs_every_field_except_the_id(api, odyssey, name):
    assert api("PUT /products/the_odyssey", without(odyssey, name)).fields == {name: MISSING}


def test_names_are_case_sensitive(api):
    body = without(a_product(), "title") | {"Title": "x"}
    assert api("POST /products", body).fields == {"title": MISSING}


@pytest.mark.parametrize(
    "request_line, body, faults",
    [
        ("POST /products", {}, {name: MISSING for name in ["id", "title", *NUMBERS]}),
        ("PUT /products/the_odyssey", {}, {name: MISSING for name in ["title", *NUMBERS]}),
        ("POST /products", {name: None for name in a_product()}, {name: NULL for name in a_product()}),
        (
            "POST /products",
            {"id": 5, "title": "", "passenger_capacity": "5", "maximum_speed": -1},
            {
                "id": NOT_STRING,
                "title": LENGTH,
                "passenger_capacity": NOT_INTEGER,
                "maximum_speed": RANGE,
                "in_stock": MISSING,
            },
        ),
        (
            "PATCH /products/the_odyssey",
            {"title": None, "in_stock": 1.5, "maximum_speed": 4},
            {"title": NULL, "in_stock": NOT_INTEGER},
        ),
    ],
    ids=["POST nothing", "PUT nothing", "nulls", "one of each", "PATCH"],
)
def test_all_faults_at_once(api, odyssey, request_line, body, faults):
    assert api(request_line, body).fields == faults


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_another_id_beside_other_faults(api, odyssey, method):
    answer = api(f"{method} /products/the_odyssey", odyssey | {"id": "the_enigma", "title": 5})
    assert set(answer.fields) == {"id", "title"}
    assert answer.fields["title"] == NOT_STRING


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_body_is_validated_before_the_product_is_looked_up(api, method):
    assert api(f"{method} /products/none", {"title": 5, "in_stock": -1}).outcome == "400 VALIDATION_ERROR"
    assert api(f"{method} /products/none", b"{").outcome == "400 BAD_REQUEST"
