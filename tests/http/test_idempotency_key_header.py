"""An empty or repeated Idempotency-Key is refused, not ignored. nginx could hide both cases from the worker."""

import json

import pytest

from shop.samples import an_order

REQUEST = "POST {path} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: {size}\r\n{keys}\r\n"


@pytest.mark.parametrize("path", ["/orders", "/orders/"])
@pytest.mark.parametrize("keys", [[""], ["one", "two"], ["one", "one"], ["", "one"], ["one", ""]], ids=str)
def test_empty_or_repeated(api, odyssey, path, keys):
    body = json.dumps(an_order()).encode()
    headers = "".join(f"Idempotency-Key: {key}\r\n" for key in keys)
    answer = api.raw(REQUEST.format(path=path, size=len(body), keys=headers).encode() + body)
    assert answer.outcome == "400 BAD_REQUEST"
    assert "Idempotency-Key" in answer.json["message"]
