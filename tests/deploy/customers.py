"""The load of tests/shop, through TLS and over one edge or several."""

import http.client
import socket
import ssl

from shop.load import Load

HTTPS = 443
CONNECT_SECONDS = 1
ANSWER_SECONDS = 30  # More than any timeout of the shop.
SILENCE_MS = 3000  # The kernel gives up a peer that does not even confirm what it gets.
# What a connection says that the edge has closed. nginx closes those that wait for a request when it reloads.
CLOSED = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


class EdgeConnection(http.client.HTTPSConnection):
    """Connects to the first of the edges that lets it, as a browser does if a name has several addresses. As browsers and
    curl do, it sends a request again if a connection that was used before turns out to be closed."""

    def __init__(self, name, addresses, authority, key):
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._tls = ssl.create_default_context(cafile=authority)
        super().__init__(name, timeout=ANSWER_SECONDS, context=self._tls)
        self._addresses = addresses

    def connect(self):
        for address in self._addresses:
            try:
                self.sock = self._connected_to(address)
                return
            except OSError as error:
                fault = error
        raise fault

    def request(self, method, path, body=None, headers=None):
        self._request = method, path, body, self._headers | (headers or {})
        self._is_reused = self.sock is not None
        try:
            super().request(*self._request)
        except CLOSED:
            if not self._is_reused:
                raise
            self._send_again()

    def getresponse(self):
        try:
            return super().getresponse()
        except CLOSED:
            if not self._is_reused:
                raise
            self._send_again()
            return super().getresponse()

    def _send_again(self):
        self._is_reused = False
        self.close()
        super().request(*self._request)

    def _connected_to(self, address):
        plain = socket.create_connection((address, HTTPS), CONNECT_SECONDS)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_MS)
            secure = self._tls.wrap_socket(plain, server_hostname=self.host)
        except OSError:
            plain.close()
            raise
        secure.settimeout(ANSWER_SECONDS)
        return secure


class Customers(Load):
    """Clients of a deployed shop that know all its edges. Half of them prefer the first one, half the last one."""

    def __init__(self, shop):
        super().__init__(port=None)
        self._shop = shop

    def connect(self, client):
        return self._shop.connection(self._shop.edges[:: -1 if client % 2 else 1])
