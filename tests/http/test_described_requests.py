"""Requests that are made of docs/openapi.yaml: what it allows is done, or refused as it says; what has a fault is 400.

The client holds each answer to the description, and finds what a refusal changes. DESCRIBED_REQUESTS=20000 makes more.
"""

import json
import os
from itertools import count
from typing import NamedTuple
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema_strategies import SAMPLE, allowed, allowed_text, checker, faults, spoilt_text
from shop.client import Client
from shop.description import DESCRIPTION
from shop.samples import a_detail, detail_ids, make_order, make_product

OPERATIONS = [operation for operation in DESCRIPTION.operations if operation.path.startswith(("/products", "/orders"))]
OWN = None  # In place of an order's id: that of one that exists.
ORDERS = 10**9  # More than there are.
IS_PRODUCT_ID = checker(DESCRIPTION.schemas["ProductId"])
UNLIMITED = {"type": "string"}  # What has no fault.
# The same each time, however busy the machine is.
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
STEADY = settings(deadline=None, derandomize=True, database=None, suppress_health_check=SLOW)


class Request(NamedTuple):
    path: dict
    query: dict
    headers: dict
    body: object


def requests(operation):
    """Those that are right, and those with one fault for each place where there can be one: the name of a parameter, or
    body. Pairs of place and strategy."""
    body = allowed(operation.body) if operation.body else st.none()
    yield None, requests_with(operation, None, body)
    for parameter in operation.parameters:
        if parameter["schema"] != UNLIMITED:
            yield parameter["name"], requests_with(operation, parameter["name"], body)
    for fault in faults(operation.body) if operation.body else []:
        yield "body", requests_with(operation, "body", fault)


def requests_with(operation, fault, body):
    def part(where):
        parameters = [parameter for parameter in operation.parameters if parameter["in"] == where]
        values = {parameter["name"]: texts(parameter, fault) for parameter in parameters}
        needed = [parameter["name"] for parameter in parameters if parameter.get("required")] + [fault]
        required = {name: values.pop(name) for name in needed if name in values}
        return st.fixed_dictionaries(required, optional=values)

    return st.builds(Request, part("path"), part("query"), part("header"), body)


def texts(parameter, fault):
    """Of a parameter."""
    is_header, is_path = parameter["in"] == "header", parameter["in"] == "path"
    if parameter["name"] == fault:
        faults = spoilt_text(parameter["schema"], is_header)
        return faults.filter(bool) if is_path else faults  # Without its id it is another path.
    values = allowed_text(parameter["schema"], is_header)
    if is_path and parameter["schema"]["type"] == "integer":
        values = values.filter(lambda order_id: int(order_id) > ORDERS)
        return values if fault else st.just(OWN) | values
    return values


# What the description says in words.
def with_path_id(request):
    """The body of a product has no other id than the path."""
    has_id = isinstance(request.body, dict) and IS_PRODUCT_ID(request.body.get("id"))
    return request._replace(body=request.body | {"id": request.path["id"]}) if has_id else request


def with_own_details(shop, request):
    """The body of an order has the ids of its details, each once."""
    details, ids = (request.body or {}).get("order_details", []), count(1)
    if request.path["id"] is OWN:
        order_id = make_order(shop, *[a_detail()] * max(1, len(details)))
        request, ids = request._replace(path={"id": str(order_id)}), detail_ids(shop, order_id)
    if details:
        body = request.body | {"order_details": [detail | {"id": own} for detail, own in zip(details, ids)]}
        request = request._replace(body=body)
    return request


def send(api, operation, request):
    target = operation.path.format(**{name: quote(value, safe="") for name, value in request.path.items()})
    if request.query:
        target += "?" + urlencode(request.query, quote_via=quote, safe="")
    body = json.dumps(request.body).encode() if operation.body else None
    return api(f"{operation.method} {target}", body, request.headers)


REQUESTS = int(os.environ.get("DESCRIBED_REQUESTS", 2500))
EVERY = [(operation, *request) for operation in OPERATIONS for request in requests(operation)]


def share(fault):
    """What is right is of many kinds, a fault of one."""
    return 1 if fault else 5


UNIT = REQUESTS // sum(share(fault) for _, fault, _ in EVERY)


def name(value):
    if value in OPERATIONS:
        return value.name
    return (value or "right") if value is None or isinstance(value, str) else ""


@pytest.mark.parametrize("operation, fault, requests", EVERY, ids=name)
def test_requests(api, stack, operation, fault, requests):
    shop = Client(stack.port)  # Which does not watch the stores.
    make_product(shop, SAMPLE)

    @settings(STEADY, max_examples=UNIT * share(fault))
    @given(requests)
    def ask(request):
        if operation.path == "/products/{id}":
            request = with_path_id(request)
        elif operation.path == "/orders/{id}" and fault is None:
            request = with_own_details(shop, request)
        answer = send(api, operation, request)
        if fault is None:
            assert answer.status < 400 or answer.status in (404, 409, 422), answer
        else:
            assert answer.status in ({404, 400} if fault in request.path else {400}), answer
        if answer.status == 204:
            make_product(shop, SAMPLE)

    ask()
