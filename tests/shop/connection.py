"""A fast client on one connection, which checks only that the answer is described: for tests with tens of thousands of
requests."""

import json
import select
import socket
from collections import deque
from typing import NamedTuple

from shop.client import TIMEOUT_SECONDS
from shop.description import DESCRIPTION


class Reply(NamedTuple):
    status: int
    head: str
    body: bytes

    def header(self, name):
        """The header's value, or None. `name` must be spelled as the shop spells it."""
        _, found, rest = self.head.partition(f"\r\n{name}: ")
        return rest.partition("\r\n")[0] if found else None

    def headers(self):
        return [tuple(line.split(": ", 1)) for line in self.head.split("\r\n")[1:-1]]


class HungUp(AssertionError):
    """The shop has closed the connection. At a reload nginx closes those that are idle."""


class Connection:
    """Connects again when nginx has closed the connection after a few thousand requests (keepalive_requests)."""

    def __init__(self, port, receive_buffer=None):
        self._port = port
        self._receive_buffer = receive_buffer
        self._asked = deque()  # What has no reply yet.
        self._open()

    def _open(self):
        self._socket = socket.socket()
        self._socket.settimeout(TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._receive_buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        self._socket.connect(("127.0.0.1", self._port))

    def close(self):
        self._socket.close()

    def renew(self):
        """After the shop has hung up."""
        self.close()
        self._asked.clear()
        self._open()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __call__(self, request, body=None, headers=None):
        """As shop.client.Client; `body` is a document."""
        self.send(request, body, headers)
        return self.reply()

    def send(self, request, body=None, headers=None):
        data = b"" if body is None else json.dumps(body).encode()
        self._asked.append(request.split(" ", 1))
        fields = {"Host": "shop", "Content-Length": len(data)} | (headers or {})
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self._socket.sendall(f"{request} HTTP/1.1\r\n{head}\r\n".encode() + data)

    def is_answered(self, seconds):
        """Whether the first byte of the reply comes within `seconds`."""
        return bool(select.select([self._socket], [], [], seconds)[0])

    def reply(self):
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        reply = Reply(int(head[9:12]), head.decode("latin-1") + "\r\n", body)
        has_body = self._asked[0][0] != "HEAD"
        size = int(reply.header("Content-Length") or 0) if has_body else 0
        while len(body) < size:
            body += self._more()
        if reply.header("Connection") == "close":
            self.close()
            self._open()
        DESCRIPTION.check(*self._asked.popleft(), reply.status, reply.headers(), body)
        return reply._replace(body=body)

    def _more(self):
        data = self._socket.recv(65536)
        if not data:
            raise HungUp
        return data
