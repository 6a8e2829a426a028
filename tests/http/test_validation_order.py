"""Wrong bodies of orders. Prices are in test_prices.py; which details an update may name is in
test_orders_update.py."""

import json

import pytest

from shop.samples import (
    MISSING,
    NOT_INTEGER,
    NOT_NUMBER,
    NOT_STRING,
    NULL,
    a_detail,
    an_order,
    detail_ids,
    make_order,
    show_order,
)

NOT_LIST = ["Invalid type."]
NOT_OBJECT = ["Invalid input type."]
RANGE = ["Must be between 1 and 2147483647."]

# A field of a detail, its value as it is in the JSON text, and the messages.
BAD_VALUES = [(name, "null", NULL) for name in ("product_id", "price", "quantity")]
BAD_VALUES += [("product_id", text, NOT_STRING) for text in ("5", "true", "[]", '{"id": "the_odyssey"}')]
BAD_VALUES += [("quantity", text, NOT_INTEGER) for text in '"5" true [] {} 1.0 1e3 1e999'.split()]
BAD_VALUES += [("quantity", str(number), RANGE) for number in (0, -1, 2**31, 2**32 + 1, 2**64 + 1, 10**400)]
BAD_DETAIL_IDS = [("id", "null", NULL), *[("id", text, NOT_INTEGER) for text in '"1" true 1.0 1e0 []'.split()]]
BAD_DETAIL_LISTS = [("null", NULL), *[(text, NOT_LIST) for text in ("{}", '{"0": {}}', '"x"', "5", "true")]]


@pytest.fixture
def order_id(api, odyssey):
    return make_order(api)


@pytest.fixture(params=["POST", "PUT", "PATCH"])
def write(api, order_id, request):
    """Sends a list of details, given as JSON text, with each method that takes one."""
    path = "/orders" if request.param == "POST" else f"/orders/{order_id}"
    return lambda details: api(f"{request.param} {path}", b'{"order_details": %s}' % details.encode())


def short(value):
    return value[:30] if isinstance(value, str) else ""


def detail_with(name, value, **fields):
    return json.dumps(a_detail(**fields) | {name: "@"}).replace('"@"', value)


@pytest.mark.parametrize("name, value, said", BAD_VALUES, ids=short)
def test_values_in_a_new_order(api, odyssey, name, value, said):
    good = json.dumps(a_detail())
    answer = api("POST /orders", f'{{"order_details": [{good}, {detail_with(name, value)}]}}'.encode())
    assert answer.fields == {f"order_details.1.{name}": said}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("name, value, said", [case for case in BAD_VALUES if case[0] != "product_id"], ids=short)
def test_values_in_an_update(api, order_id, method, name, value, said):
    (detail_id,) = detail_ids(api, order_id)
    body = f'{{"order_details": [{detail_with(name, value, id=detail_id)}]}}'.encode()
    assert api(f"{method} /orders/{order_id}", body).fields == {f"order_details.0.{name}": said}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("name, value, said", BAD_DETAIL_IDS, ids=short)
def test_detail_ids_in_an_update(api, order_id, method, name, value, said):
    body = f'{{"order_details": [{detail_with(name, value)}]}}'.encode()
    assert api(f"{method} /orders/{order_id}", body).fields == {f"order_details.0.{name}": said}


@pytest.mark.parametrize("value, said", BAD_DETAIL_LISTS, ids=short)
def test_the_details_must_be_a_list(write, value, said):
    assert write(value).fields == {"order_details": said}


@pytest.mark.parametrize("method, least", [("POST", 1), ("PUT", 1), ("PATCH", 0)])
def test_too_many_details_and_too_few(api, order_id, method, least):
    """A PATCH may name none: then it changes nothing."""
    request = "POST /orders" if method == "POST" else f"{method} /orders/{order_id}"
    said = {"order_details": [f"Length must be between {least} and 100."]}
    assert api(request, an_order(*[a_detail(id=number) for number in range(1, 102)])).fields == said
    if least:
        assert api(request, {"order_details": []}).fields == said


@pytest.mark.parametrize("body", [{}, {"order_details": []}, {"id": 5}], ids=str)
def test_a_patch_that_names_no_detail_changes_nothing(api, stack, order_id, body):
    before = stack.fingerprint()
    answer = api(f"PATCH /orders/{order_id}", body)
    assert (answer.status, answer.json) == (200, show_order(api, order_id))
    assert stack.fingerprint() == before


@pytest.mark.parametrize("value", ["null", "5", '"x"', "true", "[]", "[{}]"])
def test_a_detail_that_is_no_object(api, odyssey, value):
    body = f'{{"order_details": [{json.dumps(a_detail())}, {value}]}}'.encode()
    assert api("POST /orders", body).fields == {"order_details.1": NOT_OBJECT}


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_detail_that_is_no_object_in_an_update(api, order_id, method):
    assert api(f"{method} /orders/{order_id}", {"order_details": [5]}).fields["order_details.0"] == NOT_OBJECT


@pytest.mark.parametrize("name", ["product_id", "price", "quantity"])
def test_create_needs_every_field(api, odyssey, name):
    detail = a_detail()
    del detail[name]
    assert api("POST /orders", an_order(detail)).fields == {f"order_details.0.{name}": MISSING}


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_the_details_are_required(api, order_id, method):
    path = "/orders" if method == "POST" else f"/orders/{order_id}"
    assert api(f"{method} {path}", {}).fields == {"order_details": MISSING}


def test_all_faults_at_once(api, odyssey):
    body = an_order({}, a_detail(), {"product_id": "", "price": "1.234", "quantity": 0}, 5, a_detail(quantity=True))
    fields = api("POST /orders", body).fields
    assert len(fields.pop("order_details.2.product_id")) == 1  # This message is not one of the Python shop's.
    assert fields == {
        "order_details.0.product_id": MISSING,
        "order_details.0.price": MISSING,
        "order_details.0.quantity": MISSING,
        "order_details.2.price": NOT_NUMBER,
        "order_details.2.quantity": RANGE,
        "order_details.3": NOT_OBJECT,
        "order_details.4.quantity": NOT_INTEGER,
    }


def test_all_faults_of_an_update_at_once(api, order_id):
    details = [{}, {"id": "x", "price": -1, "quantity": 1.0}]
    assert api(f"PUT /orders/{order_id}", {"order_details": details}).fields == {
        "order_details.0.id": MISSING,
        "order_details.0.price": MISSING,
        "order_details.0.quantity": MISSING,
        "order_details.1.id": NOT_INTEGER,
        "order_details.1.price": NOT_NUMBER,
        "order_details.1.quantity": NOT_INTEGER,
    }
    assert api(f"PATCH /orders/{order_id}", {"order_details": details}).fields == {
        "order_details.0.id": MISSING,
        "order_details.1.id": NOT_INTEGER,
        "order_details.1.price": NOT_NUMBER,
        "order_details.1.quantity": NOT_INTEGER,
    }


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_the_body_is_validated_before_the_order_is_looked_up(api, method):
    body = {"order_details": [{"id": 1, "price": "x", "quantity": 1}]}
    assert api(f"{method} /orders/999999", body).outcome == "400 VALIDATION_ERROR"
    assert api(f"{method} /orders/999999", b"[]").outcome == "400 BAD_REQUEST"


def test_the_body_is_validated_before_the_products_are_looked_up(api):
    answer = api("POST /orders", an_order(a_detail("none"), a_detail(quantity=0)))
    assert answer.fields == {"order_details.1.quantity": RANGE}
