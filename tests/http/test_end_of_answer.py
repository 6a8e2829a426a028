"""Where an answer of a worker ends."""

import pytest

from fake_workers import unavailable, workers_that_answer
from shop.samples import an_order


@pytest.mark.parametrize(
    "request_line, body", [("GET /orders/17", None), ("GET /orders?limit=17", None), ("POST /orders", an_order())]
)
def test_with_its_last_record(api, stack, request_line, body):
    """nginx does not wait until the worker hangs up, which would wake it once more."""
    with workers_that_answer(stack, unavailable(), hang_up=False):
        answer = api(request_line, body)
    assert (answer.status, answer.json["message"]) == (503, "Perhaps.")
