"""Errors that nginx itself finds: they are JSON, too, and do not mention nginx."""

import pytest

CLOSE = b"Host: shop\r\nConnection: close\r\n\r\n"

# The bytes of a request, and its outcome.
ERRORS = {
    "a path that is none": (b"GET /nowhere HTTP/1.1\r\n" + CLOSE, "404 NOT_FOUND"),
    "the root": (b"GET / HTTP/1.1\r\n" + CLOSE, "404 NOT_FOUND"),
    "a path out of the root": (b"GET /../../etc/passwd HTTP/1.1\r\n" + CLOSE, "400 BAD_REQUEST"),
    "a path into nginx's own": (b"GET /conf/nginx.conf HTTP/1.1\r\n" + CLOSE, "404 NOT_FOUND"),
    "TRACE": (b"TRACE /products HTTP/1.1\r\n" + CLOSE, "405 METHOD_NOT_ALLOWED"),
    "no request line": (b"nonsense\r\n\r\n", "400 BAD_REQUEST"),
    "no path": (b"GET HTTP/1.1\r\n" + CLOSE, "400 BAD_REQUEST"),
    "a path without a slash": (b"GET products HTTP/1.1\r\n" + CLOSE, "400 BAD_REQUEST"),
    "a blank in the path": (b"GET /products/the odyssey HTTP/1.1\r\n" + CLOSE, "400 BAD_REQUEST"),
    "NUL in the path": (b"GET /products/\0 HTTP/1.1\r\n" + CLOSE, "400 BAD_REQUEST"),
    "a control character in the path": (b"GET /products/\x01 HTTP/1.1\r\n" + CLOSE, "400 BAD_REQUEST"),
    "TLS": (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"\0" * 160, "400 BAD_REQUEST"),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "400 BAD_REQUEST"),  # Its preface names no path.
    "another version": (b"GET /products HTTP/2.0\r\n" + CLOSE, "505 HTTP_VERSION_NOT_SUPPORTED"),
    "no version": (b"GET /products HTTP/x\r\n" + CLOSE, "400 BAD_REQUEST"),
    "no Host": (b"GET /products HTTP/1.1\r\nConnection: close\r\n\r\n", "400 BAD_REQUEST"),
    "two Hosts": (b"GET /products HTTP/1.1\r\nHost: a\r\n" + CLOSE, "400 BAD_REQUEST"),
    "a Host that is none": (b"GET /products HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n", "400 BAD_REQUEST"),
    "a blank in a header's name": (b"GET /products HTTP/1.1\r\nX Y: 1\r\n" + CLOSE, "400 BAD_REQUEST"),
    "NUL in a header": (b"GET /products HTTP/1.1\r\nX: a\0b\r\n" + CLOSE, "400 BAD_REQUEST"),
    "a length that is none": (b"POST /products HTTP/1.1\r\nContent-Length: x\r\n" + CLOSE, "400 BAD_REQUEST"),
    "a length below zero": (b"POST /products HTTP/1.1\r\nContent-Length: -1\r\n" + CLOSE, "400 BAD_REQUEST"),
    "two lengths": (
        b"POST /products HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n" + CLOSE + b"{}",
        "400 BAD_REQUEST",
    ),
    "a length and chunks": (
        b"POST /products HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n" + CLOSE + b"0\r\n\r\n",
        "400 BAD_REQUEST",
    ),
    "an unknown encoding": (b"POST /products HTTP/1.1\r\nTransfer-Encoding: gzip\r\n" + CLOSE, "501 NOT_IMPLEMENTED"),
    "a long path": (b"GET /products/" + b"a" * 20_000 + b" HTTP/1.1\r\n" + CLOSE, "414 URI_TOO_LONG"),
    "a long query": (b"GET /products?x=" + b"a" * 20_000 + b" HTTP/1.1\r\n" + CLOSE, "414 URI_TOO_LONG"),
    "a long header": (
        b"GET /products HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n" + CLOSE,
        "431 REQUEST_HEADER_FIELDS_TOO_LARGE",
    ),
    "many headers": (
        b"GET /products HTTP/1.1\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"a" * 4000) for n in range(20)) + CLOSE,
        "431 REQUEST_HEADER_FIELDS_TOO_LARGE",
    ),
}


@pytest.mark.parametrize("request_bytes, outcome", ERRORS.values(), ids=ERRORS.keys())
def test_errors(api, request_bytes, outcome):
    assert api.raw(request_bytes).outcome == outcome


@pytest.mark.parametrize(
    "target, outcome",
    [
        ("/products", "200"),
        ("/orders?limit=1", "200"),
        ("/health", "200"),
        ("/nowhere", "404 NOT_FOUND"),
        ("/orders/0", "404 NOT_FOUND"),
        ("/products?limit=0", "400 BAD_REQUEST"),
    ],
)
def test_http_1_0(api, target, outcome):
    assert api.raw(f"GET {target} HTTP/1.0\r\n\r\n".encode()).outcome == outcome


@pytest.mark.parametrize("host", ["shop", "localhost:8000", "127.0.0.1", "example.com", "[::1]:80", "a_b"])
def test_any_host(api, host):
    assert api("GET /products", headers={"Host": host}).status == 200


def test_the_target_may_be_a_whole_url(api, odyssey):
    """A server must accept it (RFC 9112 section 3.2.2)."""
    answer = api.raw(b"GET http://shop.example.com/products/the_odyssey HTTP/1.1\r\n" + CLOSE)
    assert answer.json == odyssey


def test_a_header_of_nearly_the_maximal_length(api, odyssey):
    assert api("GET /products", headers={"X": "a" * 7000}).json == [odyssey]


def test_a_target_of_nearly_the_maximal_length(api):
    assert api("GET /products?limit=5&x=" + "a" * 7000).json == []
    assert api("GET /products/" + "a" * 7000).status == 404


@pytest.mark.parametrize("name", ["If-Match", "If-Modified-Since", "If-Unmodified-Since", "Range", "If-Range"])
@pytest.mark.parametrize("value", ['"x"', "*", "bytes=0-0", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_headers_that_ask_for_less(api, odyssey, name, value):
    """Products have no ranges, and of the conditions only If-None-Match counts: such headers change nothing."""
    answer = api("GET /products/the_odyssey", headers={name: value})
    assert (answer.status, answer.json) == (200, odyssey)
