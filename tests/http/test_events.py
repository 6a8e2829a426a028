"""The events order_created, order_updated and order_deleted in the Redis stream orders:events, each exactly once."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from shop import stores
from shop.client import Client
from shop.samples import a_detail, an_order, detail_ids, make_order
from shop.stack import wait_for


def events(redis):
    """(event, order_id) of each entry, oldest first. Fails if two entries have the same movement."""
    entries, movements = [], set()
    for fields in stores.events(redis):
        assert set(fields) == {"event", "order_id", "movement_id", "take", "give_back"}
        assert fields["movement_id"] not in movements
        movements.add(fields["movement_id"])
        entries.append((fields["event"], int(fields["order_id"])))
    return entries


def test_an_orders_life(api, redis, odyssey):
    first, second = make_order(api), make_order(api, a_detail(), a_detail())
    (detail,) = detail_ids(api, first)
    api(f"PUT /orders/{first}", {"order_details": [{"id": detail, "price": "1", "quantity": 1}]})
    api(f"PATCH /orders/{first}", {"order_details": [{"id": detail, "quantity": 2}]})
    api(f"DELETE /orders/{second}")
    api(f"DELETE /orders/{first}")
    assert events(redis) == [
        ("order_created", first),
        ("order_created", second),
        ("order_updated", first),
        ("order_updated", first),
        ("order_deleted", second),
        ("order_deleted", first),
    ]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    "detail",
    [
        {"price": "100000.99", "quantity": 1},
        {"price": 100000.99, "quantity": 1},
        {"price": "0100000.99", "quantity": 1},
    ],
    ids=str,
)
def test_an_update_that_changes_nothing_makes_no_event(api, redis, odyssey, method, detail):
    order_id = make_order(api)
    (detail_id,) = detail_ids(api, order_id)
    assert api(f"{method} /orders/{order_id}", {"order_details": [{"id": detail_id} | detail]}).status == 200
    assert events(redis) == [("order_created", order_id)]


def test_a_patch_that_names_nothing_makes_no_event(api, redis, odyssey):
    order_id = make_order(api)
    (detail_id,) = detail_ids(api, order_id)
    assert api(f"PATCH /orders/{order_id}", {"order_details": [{"id": detail_id}]}).status == 200
    assert events(redis) == [("order_created", order_id)]


def test_orders_of_deleted_products_make_events(api, redis, odyssey):
    order_id = make_order(api, a_detail(quantity=3))
    (detail_id,) = detail_ids(api, order_id)
    api("DELETE /products/the_odyssey")
    api(f"PATCH /orders/{order_id}", {"order_details": [{"id": detail_id, "quantity": 1}]})
    api(f"DELETE /orders/{order_id}")
    assert [event for event, _ in events(redis)] == ["order_created", "order_updated", "order_deleted"]


def test_events_say_what_was_taken_and_given_back(api, redis, odyssey):
    order_id = make_order(api, a_detail(quantity=3))
    (detail_id,) = detail_ids(api, order_id)
    api(f"PATCH /orders/{order_id}", {"order_details": [{"id": detail_id, "quantity": 5}]})
    api(f"PATCH /orders/{order_id}", {"order_details": [{"id": detail_id, "quantity": 1}]})
    api(f"PATCH /orders/{order_id}", {"order_details": [{"id": detail_id, "price": "1"}]})
    api(f"DELETE /orders/{order_id}")
    moved = [(json.loads(entry["take"]), json.loads(entry["give_back"])) for entry in stores.events(redis)]
    assert moved == [
        ([["the_odyssey", 3]], []),
        ([["the_odyssey", 2]], []),
        ([], [["the_odyssey", 4]]),
        ([], []),
        ([], [["the_odyssey", 1]]),
    ]


def test_a_refused_request_makes_no_event(api, redis, odyssey):
    """The client compares everything that is stored, also the stream. This test looks at the stream itself."""
    api("POST /orders", an_order(a_detail("none")))
    api("POST /orders", {})
    api("DELETE /orders/1")
    assert redis.exists("orders:events") == 0


def test_reading_makes_no_event(api, redis, odyssey):
    order_id = make_order(api)
    for target in (f"/orders/{order_id}", "/orders", "/orders?expand=product"):
        api(f"GET {target}")
        api(f"HEAD {target}")
    assert events(redis) == [("order_created", order_id)]


def test_the_stream_has_an_order_that_a_poller_of_the_list_misses(api, stack, redis, odyssey):
    """The first order has its id and waits: another session inserts its key. The second is committed before it."""
    shop = Client(stack.port)
    with closing(stores.Postgres(stack.run_dir / "postgres")) as other, ThreadPoolExecutor() as threads:
        other("BEGIN; INSERT INTO idempotency_keys (key, body_sha256, order_id) VALUES ('a-key', '', 0)")
        creating = threads.submit(shop, "POST /orders", an_order(), {"Idempotency-Key": "a-key"})
        wait_for(
            lambda: stack.postgres("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"), "the first waits"
        )
        second = make_order(shop)
        polled = shop("GET /orders").json
        other("ROLLBACK")
        first = creating.result().json["id"]
    assert first < second
    assert [order["id"] for order in polled] == [second]
    assert api(f"GET /orders?after={second}").json == []
    created = wait_for(lambda: len(events(redis)) == 2 and events(redis), "an event for each")
    assert sorted(created) == [("order_created", first), ("order_created", second)]
