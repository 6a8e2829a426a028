"""A client of the shop that checks every answer.

`api("POST /products", body)` sends a request and returns the answer. It checks that docs/openapi.yaml describes the answer,
and what holds for *every* answer: no internals in an error, and no change in the stores after a 4xx.
"""

import http.client
import io
import json
import re
import socket
from typing import NamedTuple

from shop.description import DESCRIPTION, strict_json

# Longer than any timeout of the shop: a request that takes longer hangs.
TIMEOUT_SECONDS = 30

CODES = {
    400: {"BAD_REQUEST", "VALIDATION_ERROR"},
    401: {"UNAUTHORIZED"},
    403: {"FORBIDDEN", "FORBIDDEN_ORIGIN"},
    404: {"PRODUCT_NOT_FOUND", "ORDER_NOT_FOUND", "NOT_FOUND"},
    405: {"METHOD_NOT_ALLOWED"},
    409: {"INSUFFICIENT_STOCK"},
    413: {"PAYLOAD_TOO_LARGE"},
    414: {"URI_TOO_LONG"},
    421: {"MISDIRECTED_REQUEST"},
    422: {"IDEMPOTENCY_KEY_REUSED"},
    429: {"TOO_MANY_REQUESTS"},
    431: {"REQUEST_HEADER_FIELDS_TOO_LARGE"},
    501: {"NOT_IMPLEMENTED"},
    500: {"UNEXPECTED_ERROR"},
    503: {"SERVICE_UNAVAILABLE"},
    505: {"HTTP_VERSION_NOT_SUPPORTED"},
}

# Words that show a stranger how the shop is built or where it runs.
INTERNALS = re.compile(
    r"nginx|fastcgi|upstream|redis|postgres|sql\b|select |insert |errno|exception"
    r"|127\.0\.0\.1|\.sock|\.cpp|\.lua|/(var|tmp|usr|run)/",
    re.IGNORECASE,
)


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return strict_json(self.body)

    @property
    def outcome(self):
        """The status. For an error with a body also its code: "404 PRODUCT_NOT_FOUND"."""
        if self.status < 400 or not self.body:
            return str(self.status)
        return f"{self.status} {self.json['error']}"

    @property
    def fields(self):
        """The faulty fields of a validation error, each with its messages."""
        assert self.outcome == "400 VALIDATION_ERROR", (self.outcome, self.body)
        return self.json["fields"]

    @property
    def lasting_headers(self):
        """All headers except those that differ from answer to answer."""
        differ = ("Date", "X-Request-ID", "X-Cache", "Age")
        return sorted((name, value) for name, value in self.headers.items() if name not in differ)

    def allowed_methods(self):
        return set(self.headers["Allow"].split(", "))


class Client:
    """Talks to the shop at `host`, `port`. `fingerprint()`, if given, changes with what the stores hold. `source` is
    the address that the requests come from: an IPv4 address of the loopback network. `tls` is the SSLContext for HTTPS,
    `key` the API key, if they have one."""

    def __init__(self, port, fingerprint=None, host="127.0.0.1", source="", tls=None, key=None):
        self.port = port
        self._key = {"Authorization": f"Bearer {key}"} if key else {}
        self._host = host
        self._tls = tls
        self._source = (source, 0) if source else None
        self._fingerprint = fingerprint or (lambda: None)

    def __call__(self, request, body=None, headers=None):
        """`request` is a method, a space, and a percent-encoded target. A body that is not bytes is sent as JSON."""
        method, target = request.split(" ", 1)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        headers = self._key | (headers or {})
        return self._checked(lambda: self._exchange(method, target, body, headers), method, target)

    def raw(self, data, half_closed=False):
        """Sends `data` as it is and reads until the server closes. `data` must ask for "Connection: close".

        `half_closed`: the client shuts its sending side as soon as all is sent.
        """
        return self._checked(lambda: self._exchange_raw(data, half_closed), *asked(data))

    def _checked(self, exchange, method, target):
        before = self._fingerprint()
        answer = exchange()
        own_size = int(answer.headers.get("Content-Length", len(answer.body)))  # Others may follow.
        DESCRIPTION.check(method, target, answer.status, answer.headers.items(), answer.body[:own_size])
        check_answer(answer)
        if 400 <= answer.status < 500:
            assert self._fingerprint() == before, f"the stored state changed with a {answer.status}"
        return answer

    def _connection(self):
        if self._tls:
            address = {"timeout": TIMEOUT_SECONDS, "source_address": self._source}
            return http.client.HTTPSConnection(self._host, self.port, context=self._tls, **address)
        return http.client.HTTPConnection(self._host, self.port, TIMEOUT_SECONDS, self._source)

    def _exchange(self, method, target, body, headers):
        connection = self._connection()
        try:
            try:
                connection.request(method, target, body, headers)
            except (BrokenPipeError, ConnectionResetError):
                pass  # The shop refuses a body that is too large before it has read all of it. The answer is there.
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def _exchange_raw(self, data, half_closed):
        with socket.create_connection((self._host, self.port), TIMEOUT_SECONDS, self._source) as connection:
            return exchange_raw(connection, data, half_closed)


def asked(data):
    """The method and the target, if it can be told what is asked."""
    words = data.partition(b"\r\n")[0].decode("latin-1").split(" ")
    return words[:2] if len(words) == 3 else ("", "")


def exchange_raw(connection, data, half_closed=False):
    """Sends `data` and reads until the other side closes. `half_closed`: shuts its sending side before it reads."""
    connection.sendall(data)
    if half_closed:
        connection.shutdown(socket.SHUT_WR)
    received = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    status_line, _, fields = head.partition(b"\r\n")
    headers = http.client.parse_headers(io.BytesIO(fields + b"\r\n\r\n"))
    return Answer(int(status_line.split(b" ")[1]), headers, body)


def chunked(request_line, body, chunk_size):
    """The bytes of a request whose body comes in chunks of `chunk_size`, for Client.raw."""
    chunks = [body[start : start + chunk_size] for start in range(0, len(body), chunk_size)] + [b""]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    head = f"{request_line} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head.encode() + framed


def check_answer(answer):
    """Fails unless the answer has what every answer of the shop has, beside what is described."""
    seen = (answer.status, dict(answer.headers), answer.body[:500])
    assert not re.search(r"\d", answer.headers.get("Server", "")), f"the server shows its version: {seen}"
    assert (answer.headers["X-Content-Type-Options"], answer.headers["Vary"]) == ("nosniff", "Origin"), seen
    if answer.status >= 400 and answer.body and not is_health(answer):
        check_error(answer)


def is_health(answer):
    """Only the answer to GET /health may name the parts of the shop."""
    return answer.status == 503 and "postgres" in answer.json


def check_error(answer):
    error = answer.json
    seen = (answer.status, error)
    assert error["error"] in CODES[answer.status], seen
    assert not INTERNALS.search(error["message"]), seen
    assert (answer.status == 405) == ("Allow" in answer.headers), seen
    retry_after = ["1"] if answer.status in (429, 503) else []
    assert answer.headers.get_all("Retry-After", []) == retry_after, seen
