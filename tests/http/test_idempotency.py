"""Idempotency-Key on POST /orders: one order, however often the request is sent."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest

from shop.background import at_once
from shop.client import Client
from shop.samples import a_detail, an_order, in_stock, make_order, make_product, show_order
from shop.stack import wait_for
from shop.stores import Postgres

REUSED = "422 IDEMPOTENCY_KEY_REUSED"
KEY_AT_WORK = (
    "Another request with this Idempotency-Key is at work. "
    "Try again with the same Idempotency-Key; there will be one order."
)
BODY = json.dumps(an_order(a_detail(quantity=3))).encode()


def post(api, key, body=BODY):
    return api("POST /orders", body, {"Idempotency-Key": key})


def count_orders(stack):
    ((count,),) = stack.postgres("SELECT count(*) FROM orders")
    return count


def test_the_same_request_gets_the_same_answer_and_no_second_order(api, stack, odyssey):
    first = post(api, "a-key")
    assert first.status == 200
    before = stack.fingerprint()
    for _ in range(3):
        again = post(api, "a-key")
        assert (again.status, again.body) == (first.status, first.body)
    assert stack.fingerprint() == before
    assert (count_orders(stack), in_stock(api)) == (1, 10 - 3)
    assert [detail["quantity"] for detail in show_order(api, first.json["id"])["order_details"]] == [3]


def test_without_a_key_the_same_request_makes_an_order_each_time(api, stack, odyssey):
    ids = {api("POST /orders", BODY).json["id"] for _ in range(2)}
    assert len(ids) == count_orders(stack) == 2


def test_with_another_key_the_same_request_makes_another_order(api, stack, odyssey):
    """Keys differ by case, and by any character up to the last."""
    keys = ["a-key", "A-Key", "a-key2", "k" * 254 + "1", "k" * 254 + "2"]
    assert len({post(api, key).json["id"] for key in keys}) == count_orders(stack) == len(keys)


@pytest.mark.parametrize(
    "other",
    [
        json.dumps(an_order(a_detail(quantity=4))).encode(),
        BODY + b" ",
        BODY.replace(b": ", b":"),
        BODY.replace(b'"quantity"', b'"quantit\\u0079"'),
        BODY.replace(b"{", b'{"note": 1, ', 1),
    ],
    ids=["another quantity", "a space at the end", "other spaces", "an escape", "a field that is ignored"],
)
def test_another_body_is_refused_even_if_it_means_the_same(api, stack, odyssey, other):
    first = post(api, "a-key")
    assert post(api, "a-key", other).outcome == REUSED
    assert post(api, "a-key").body == first.body
    assert (count_orders(stack), in_stock(api)) == (1, 10 - 3)


def test_the_longest_body_is_compared_to_its_last_byte(api, odyssey):
    padding = b" " * ((1 << 20) - len(BODY) - 1)
    first = post(api, "a-key", BODY + padding + b" ")
    assert first.status == 200
    assert post(api, "a-key", BODY + padding + b"\n").outcome == REUSED
    assert post(api, "a-key", BODY + padding + b" ").body == first.body


def test_sixteen_at_once_get_one_order(api, stack, odyssey):
    for round_number in range(10):
        answers = at_once(lambda _: post(Client(stack.port), f"key-{round_number}"), 16)
        assert Counter(answer.status for answer in answers) == {200: 16}
        assert len({answer.body for answer in answers}) == 1
        assert count_orders(stack) == round_number + 1
    assert in_stock(api) == 10 - 10 * 3
    assert stack.redis.exists("stock:pending") == 0


def test_sixteen_at_once_for_the_last_in_stock_get_one_order(second_api, second_stack):
    """With STOCK_POLICY=reject: no request is refused because another with its key has just taken the stock."""
    make_product(second_api, in_stock=3)
    answers = at_once(lambda _: post(Client(second_stack.port), "a-key"), 16)
    assert Counter(answer.status for answer in answers) == {200: 16}
    assert len({answer.body for answer in answers}) == 1
    assert in_stock(second_api) == 0


def test_sixteen_at_once_with_two_bodies(api, stack, odyssey):
    """One body wins, and all requests with it get the same answer."""
    bodies = [BODY, BODY + b" "]
    answers = at_once(lambda number: post(Client(stack.port), "a-key", bodies[number % 2]), 16)
    assert Counter(answer.outcome for answer in answers) == {"200": 8, REUSED: 8}
    assert len({answer.body for answer in answers if answer.status == 200}) == 1
    assert (count_orders(stack), in_stock(api)) == (1, 10 - 3)


@pytest.mark.parametrize(
    "refused, outcome",
    [
        (b"{", "400 BAD_REQUEST"),
        (b"{}", "400 VALIDATION_ERROR"),
        (json.dumps(an_order(a_detail("none"))).encode(), "404 PRODUCT_NOT_FOUND"),
    ],
    ids=["bad request", "validation error", "not found"],
)
def test_a_refusal_leaves_the_key_free(api, stack, odyssey, refused, outcome):
    for _ in range(2):
        assert post(api, "a-key", refused).outcome == outcome
    assert post(api, "a-key").status == 200
    assert count_orders(stack) == 1


def test_a_refusal_for_want_of_stock_leaves_the_key_free(second_api, second_stack):
    make_product(second_api, in_stock=2)
    for _ in range(2):
        assert post(second_api, "a-key").outcome == "409 INSUFFICIENT_STOCK"
    make_product(second_api, in_stock=3)
    assert post(second_api, "a-key").status == 200
    assert (count_orders(second_stack), in_stock(second_api)) == (1, 0)


def test_the_first_answer_outlives_the_order(api, stack, odyssey):
    first = post(api, "a-key")
    assert api(f"DELETE /orders/{first.json['id']}").status == 204
    assert post(api, "a-key").body == first.body
    assert post(api, "a-key", BODY + b" ").outcome == REUSED
    assert (count_orders(stack), in_stock(api)) == (0, 10)


def test_the_first_answer_outlives_the_product(api, stack, odyssey):
    first = post(api, "a-key")
    assert api("DELETE /products/the_odyssey").status == 204
    assert post(api, "a-key").body == first.body
    assert post(api, "b-key").outcome == "404 PRODUCT_NOT_FOUND"


@pytest.mark.ends_workers
def test_the_first_answer_outlives_the_workers(api, stack, odyssey):
    first = post(api, "a-key")
    stack.end_workers("orders")
    assert post(api, "a-key").body == first.body
    assert count_orders(stack) == 1


@pytest.mark.parametrize("key", ["k", "!", "~", "k" * 255, '"quoted"', "a,b;c=d", "%41", "';--"], ids=repr)
def test_a_key_may_have_any_visible_characters(api, stack, odyssey, key):
    first = post(api, key)
    assert first.status == 200
    assert post(api, key).body == first.body
    assert stack.postgres("SELECT key FROM idempotency_keys") == [(key,)]


@pytest.mark.parametrize("key", [b"k" * 256, b"a b", b"a\tb", b"k\x7f", "schlüssel".encode(), b"k\xff"], ids=repr)
def test_a_malformed_key_is_refused(api, odyssey, key):
    assert post(api, key).outcome == "400 BAD_REQUEST"


def test_the_key_is_checked_before_the_body(api, odyssey):
    assert post(api, "a b", b"{").json["message"].startswith("The Idempotency-Key")


def test_other_requests_ignore_the_key(api, odyssey):
    order_id = api("POST /orders", BODY).json["id"]
    headers = {"Idempotency-Key": "not a key"}
    detail_id = show_order(api, order_id)["order_details"][0]["id"]
    for quantity in (4, 5):
        body = {"order_details": [{"id": detail_id, "quantity": quantity}]}
        assert api(f"PATCH /orders/{order_id}", body, headers).status == 200
    assert in_stock(api) == 10 - 5
    assert api(f"GET /orders/{order_id}", None, headers).status == 200
    assert api(f"DELETE /orders/{order_id}", None, headers).status == 204


@contextmanager
def held(stack, name):
    """Holds this lock for the `with` block, like a worker that hangs."""
    with closing(Postgres(stack.run_dir / "postgres")) as session:
        session(f"SELECT pg_advisory_lock(hashtextextended('{name}', 0))")
        yield
        session(f"SELECT pg_advisory_unlock(hashtextextended('{name}', 0))")


def waiting(stack):
    """The number of workers that wait for a lock."""
    ((count,),) = stack.postgres("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    return count


@pytest.mark.logs("503: .*lock timeout")
def test_a_request_that_hangs_does_not_hold_all_workers(second_api, second_stack):
    """After LOCK_TIMEOUT_MS each retry gets the answer that the first request is at work. The workers serve others."""
    make_product(second_api)
    workers = len(second_stack.worker_pids("orders"))
    order_id = make_order(second_api)
    with held(second_stack, "idempotency key a-key"), ThreadPoolExecutor(2 * workers) as pool:
        retries = [pool.submit(post, Client(second_stack.port), "a-key") for _ in range(2 * workers)]
        wait_for(lambda: waiting(second_stack), "a worker waits")
        assert show_order(Client(second_stack.port), order_id)["id"] == order_id
        for answer in [retry.result() for retry in retries]:
            assert answer.outcome == "503 SERVICE_UNAVAILABLE"
            assert answer.json["message"] == KEY_AT_WORK
        assert waiting(second_stack) == 0
        assert count_orders(second_stack) == 1
    assert post(second_api, "a-key").status == 200
    assert (count_orders(second_stack), in_stock(second_api)) == (2, 10 - 1 - 3)


@pytest.mark.logs("503: .*lock timeout")
def test_a_change_that_hangs_does_not_hold_others(second_api, second_stack):
    make_product(second_api)
    order = show_order(second_api, make_order(second_api))
    change = {"order_details": [{"id": order["order_details"][0]["id"], "quantity": 4}]}
    with held(second_stack, f"order {order['id']}"):
        before = second_stack.fingerprint()
        for answer in (second_api(f"PATCH /orders/{order['id']}", change), second_api(f"DELETE /orders/{order['id']}")):
            assert answer.outcome == "503 SERVICE_UNAVAILABLE"
            assert answer.json["message"] == "Another change of this order is at work. Nothing was changed; try again."
        assert second_stack.fingerprint() == before
    assert second_api(f"PATCH /orders/{order['id']}", change).status == 200


@pytest.mark.logs("503: .*lock timeout")
@pytest.mark.parametrize("request_name", ["PATCH /orders/{}", "DELETE /orders/{}"])
def test_a_record_behind_a_row_lock_that_hangs_changes_nothing(second_api, second_stack, request_name):
    make_product(second_api)
    order = show_order(second_api, make_order(second_api))
    change = {"order_details": [{"id": order["order_details"][0]["id"], "quantity": 4}]}
    before = second_stack.fingerprint()
    with closing(Postgres(second_stack.run_dir / "postgres")) as session:
        session("BEGIN; SELECT FROM orders FOR UPDATE")
        answer = second_api(request_name.format(order["id"]), change)
        session("ROLLBACK")
    assert answer.outcome == "503 SERVICE_UNAVAILABLE"
    assert answer.json["message"] == "Another change of this order is at work. Nothing was changed; try again."
    assert second_stack.fingerprint() == before
