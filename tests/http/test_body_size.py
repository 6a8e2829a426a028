"""A body of 1 MiB is read; one byte more is 413. The same holds for chunked bodies."""

import json

import pytest

from shop.client import chunked
from shop.samples import a_product, an_order, make_order, without

MIB = 1 << 20


def padded(document, size):
    text = json.dumps(document).encode()
    return text + b" " * (size - len(text))


def test_exactly_1_mib(api):
    assert api("POST /products", padded(a_product(), MIB)).status == 200
    assert api("GET /products").json == [a_product()]


def test_exactly_1_mib_of_an_order(api, odyssey):
    order_id = api("POST /orders", padded(an_order(), MIB)).json["id"]
    assert api(f"PATCH /orders/{order_id}", padded({}, MIB)).status == 200


def test_1_mib_of_one_unknown_string(api):
    body = json.dumps(a_product(x="")).encode()
    body = body.replace(b'"x": ""', b'"x": "%s"' % (b"x" * (MIB - len(body))))
    assert len(body) == MIB
    assert api("POST /products", body).status == 200


@pytest.mark.logs("client intended to send too large body")
@pytest.mark.parametrize("size", [MIB + 1, MIB + 2, 3 * MIB])
@pytest.mark.parametrize(
    "request_line",
    [
        "POST /products",
        "PUT /products/x",
        "PATCH /products/x",
        "POST /orders",
        "PUT /orders/1",
        "PATCH /orders/1",
        "DELETE /orders/1",
    ],
)
def test_more_than_1_mib(api, odyssey, request_line, size):
    assert api(request_line, padded({}, size)).outcome == "413 PAYLOAD_TOO_LARGE"


@pytest.mark.logs("client intended to send too large body")
def test_a_length_that_is_only_announced(api):
    """nginx refuses it at once, without waiting for the body."""
    request = b"POST /products HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: 99999999999\r\n\r\n"
    assert api.raw(request).outcome == "413 PAYLOAD_TOO_LARGE"


@pytest.mark.parametrize("chunk_size", [1, 10, 10_000])
def test_a_chunked_body(api, chunk_size):
    body = json.dumps(a_product()).encode()
    assert api.raw(chunked("POST /products", body, chunk_size)).status == 200
    assert api("GET /products").json == [a_product()]


def test_a_chunked_body_of_exactly_1_mib(api):
    assert api.raw(chunked("POST /products", padded(a_product(), MIB), 65536)).status == 200
    assert api("GET /products").json == [a_product()]


@pytest.mark.logs("client intended to send too large chunked body")
def test_a_chunked_body_of_more_than_1_mib(api):
    answer = api.raw(chunked("POST /products", padded(a_product(), MIB + 1), 65536))
    assert answer.outcome == "413 PAYLOAD_TOO_LARGE"


@pytest.mark.logs("client sent invalid chunked body")
def test_malformed_chunks(api):
    head = b"POST /products HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert api.raw(head + b"no length\r\n{}\r\n0\r\n\r\n").outcome == "400 BAD_REQUEST"


@pytest.mark.parametrize("request_line", ["GET /products", "GET /products/the_odyssey", "GET /orders", "GET /health"])
def test_a_body_that_nobody_asked_for(api, odyssey, request_line):
    """The body of a GET has no meaning (RFC 9110 section 9.3.1)."""
    assert api(request_line, b"{ not JSON").status == 200


def test_the_body_of_a_delete_means_nothing(api, odyssey):
    assert api("DELETE /products/the_odyssey", b"{ not JSON").status == 204


def test_an_answer_that_is_larger_than_a_buffer(api):
    """A hundred products with the longest titles, over 100 kB."""
    title = "\U0001f6f8" * 256
    made = [a_product(f"p{number:03}", title=title) for number in range(100)]
    for product in made:
        assert api("POST /products", product).status == 200
    answer = api("GET /products")
    assert answer.json == made
    assert int(answer.headers["Content-Length"]) == len(answer.body) > 100_000


def test_a_length_below_the_body_cuts_it(api, odyssey):
    """Nor is the rest of the bytes a request."""
    body = json.dumps(without(a_product(), "id")).encode()
    head = b"PUT /products/the_odyssey HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    assert api.raw(head % (len(body) - 1) + body).outcome == "400 BAD_REQUEST"


@pytest.mark.logs("client intended to send too large body")
def test_an_order_that_was_too_large_can_be_sent_again(api, odyssey):
    assert api("POST /orders", padded(an_order(), MIB + 1)).outcome == "413 PAYLOAD_TOO_LARGE"
    assert make_order(api) > 0
