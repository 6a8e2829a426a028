"""ops/audit-stock: what it finds in stores from different moments, and what a repair makes of them."""

import json
import os
import shutil
import time

import pytest
from redis import ResponseError

from backups import back_up, restore, write_sums
from shop.load import Load, PRODUCTS, wrong_stocks
from shop.client import Client
from shop.samples import a_detail, make_order, make_product
from shop.stack import ROOT, run, wait_for
from shop.stores import events, movement_id

NOTHING = "audit-stock: 0 orders differ, 0 repaired, 0 findings left"


def audit(shop, *options, **settings):
    environment = {"PATH": os.environ["PATH"], "RUN_DIR": str(shop.run_dir)} | settings
    status, output = run(ROOT / "ops/audit-stock", *options, environment=environment)
    return status, output.splitlines()


@pytest.fixture
def earlier_and_later(shop, tmp_path):
    """Two backups of one shop, with orders created, changed and deleted between them."""
    folders = tmp_path / "earlier", tmp_path / "later"
    with Load(shop.port) as load:
        for folder in folders:
            answered = load.answered()
            wait_for(lambda: load.answered() > answered + 200, "orders to back up")
            back_up(shop, folder)
    assert load.failures() == {}
    shop.wipe()
    return folders


def restore_pair(shop, tmp_path, redis, postgres):
    pair = tmp_path / "pair"
    pair.mkdir()
    shutil.copy2(redis / "redis.rdb", pair)
    shutil.copy2(postgres / "postgres.dump", pair)
    write_sums(pair, "redis.rdb", "postgres.dump")
    restore(shop, pair)


def assert_audit_repairs(shop):
    before = shop.fingerprint()
    status, lines = audit(shop)
    assert status == 1 and not lines[-1].startswith("audit-stock: 0 "), lines
    assert shop.fingerprint() == before, "without --repair it only looks"
    status, lines = audit(shop, "--repair")
    assert status == 0, lines
    before = shop.fingerprint()
    assert audit(shop, "--repair") == (0, [NOTHING])
    assert shop.fingerprint() == before
    return lines


def test_stores_that_agree_are_left_alone(shop):
    assert audit(shop, "--repair") == (0, [NOTHING])
    make_product(Client(shop.port), "ship")
    order_id = make_order(Client(shop.port), a_detail("ship"))
    assert Client(shop.port)(f"DELETE /orders/{order_id}").status == 204
    make_order(Client(shop.port), a_detail("ship"))
    before = shop.fingerprint()
    assert audit(shop, "--repair") == (0, [NOTHING])
    assert shop.fingerprint() == before


def test_nothing_differs_while_the_shop_works(shop):
    with Load(shop.port) as load:
        for _ in range(10):
            answered = load.answered()
            wait_for(lambda: load.answered() > answered + 50, "orders to audit")
            assert audit(shop, "--repair") == (0, [NOTHING])
    assert load.failures() == {}
    assert wrong_stocks(shop) == {}


def test_postgres_newer_than_redis(shop, tmp_path, earlier_and_later):
    earlier, later = earlier_and_later
    restore_pair(shop, tmp_path, redis=earlier, postgres=later)
    assert wrong_stocks(shop) != {}
    lines = assert_audit_repairs(shop)
    assert any(line.endswith("is known to PostgreSQL only") for line in lines)
    assert wrong_stocks(shop) == {}
    created = [int(entry["order_id"]) for entry in events(shop.redis) if entry["event"] == "order_created"]
    existing = {order_id for (order_id,) in shop.postgres("SELECT id FROM orders")}
    assert len(created) == len(set(created)) and existing <= set(created)


def test_redis_newer_than_postgres(shop, tmp_path, earlier_and_later):
    earlier, later = earlier_and_later
    restore_pair(shop, tmp_path, redis=later, postgres=earlier)
    assert wrong_stocks(shop) != {}
    lines = assert_audit_repairs(shop)
    assert any(line.endswith("is known to Redis only") for line in lines)
    assert wrong_stocks(shop) == {}
    # The ids of the lost orders are used again. The events of the old and the new order must not be mixed up.
    with Load(shop.port):
        wait_for(lambda: shop.redis.xlen("orders:events") > len(lines) + 200, "new orders")
    assert audit(shop) == (0, [NOTHING])


def test_new_orders_with_the_ids_of_lost_ones_before_the_audit(shop, tmp_path, earlier_and_later):
    earlier, later = earlier_and_later
    restore_pair(shop, tmp_path, redis=later, postgres=earlier)
    for _ in range(20):
        make_order(Client(shop.port), a_detail(PRODUCTS[0], quantity=7))
    assert_audit_repairs(shop)
    assert wrong_stocks(shop) == {}


@pytest.mark.parametrize("newer", ["redis", "postgres"])
def test_a_product_that_was_deleted_meanwhile_stays_deleted(shop, tmp_path, earlier_and_later, newer):
    earlier, later = earlier_and_later
    redis, postgres = (later, earlier) if newer == "redis" else (earlier, later)
    restore_pair(shop, tmp_path, redis, postgres)
    gone = PRODUCTS[-1]
    assert Client(shop.port)(f"DELETE /products/{gone}").status == 204
    lines = assert_audit_repairs(shop)
    assert any(line.endswith(f": {gone} is gone, and stays so") for line in lines)
    assert not shop.redis.exists(f"products:{gone}")
    make_product(Client(shop.port), gone, in_stock=0)  # wrong_stocks needs all products.
    assert wrong_stocks(shop).keys() <= {gone}


def test_an_order_older_than_the_stream_is_listed(shop):
    make_product(Client(shop.port), "ship")
    hour_ago = time.time_ns() // 1_000_000 - 3_600_000
    for number in range(2):
        entry = {
            "event": "order_created",
            "order_id": 1,
            "movement_id": movement_id(number),
            "take": "[]",
            "give_back": "[]",
        }
        shop.redis.xadd("orders:events", entry, id=f"{hour_ago}-{number + 1}")
    shop.redis.xtrim("orders:events", maxlen=1, approximate=False)
    shop.postgres("INSERT INTO orders (id) VALUES (7)")
    shop.postgres(f"INSERT INTO stock_movements (id, order_id, kind) VALUES ('{movement_id(9)}', 7, 'updated')")
    status, lines = audit(shop, "--repair")
    assert status == 1
    assert "order 7: cannot be repaired: the stream does not reach back to its creation" in lines
    assert lines[-1].endswith(", 1 findings left")


def test_events_that_redis_has_dropped_are_no_difference(shop):
    make_product(Client(shop.port), "ship")
    for _ in range(2):
        make_order(Client(shop.port), a_detail("ship"))
    shop.redis.xtrim("orders:events", maxlen=1, approximate=False)
    assert audit(shop) == (0, [NOTHING])
    shop.redis.xtrim("orders:events", maxlen=0, approximate=False)
    assert audit(shop) == (0, [NOTHING])


def test_a_recorded_movement_that_is_still_pending_is_left_to_the_reconciler(shop):
    make_product(Client(shop.port), "ship")
    order_id = make_order(Client(shop.port), a_detail("ship", quantity=2))
    [entry] = events(shop.redis)
    with shop.frozen("reconciler"):
        movement = {"take": [["ship", 2]], "give_back": {}, "time": int(time.time() * 1000)}
        shop.redis.delete("orders:events")
        shop.redis.hset("stock:pending", entry["movement_id"], json.dumps(movement))
        assert audit(shop, "--repair") == (0, [NOTHING])
        movement["time"] -= 100_000
        shop.redis.hset("stock:pending", entry["movement_id"], json.dumps(movement))
        status, lines = audit(shop, "--repair")
        assert status == 1
        assert lines[0].startswith(f"movement {entry['movement_id']} has been pending for 10")
    wait_for(lambda: not shop.redis.exists("stock:pending"), "the reconciler confirms it")
    assert audit(shop) == (0, [NOTHING])
    assert events(shop.redis)[0]["order_id"] == str(order_id)


def test_an_order_that_was_changed_by_hand(shop):
    make_product(Client(shop.port), "ship", in_stock=10)
    order_id = make_order(Client(shop.port), a_detail("ship", quantity=2))
    shop.postgres("UPDATE order_details SET quantity = 5")
    assert_audit_repairs(shop)
    assert shop.redis.hget("products:ship", "in_stock") == "5"
    *_, last = events(shop.redis)
    assert last == {"event": "stock_corrected", "order_id": str(order_id), "take": '[["ship", 3]]', "give_back": "[]"}


def test_the_index_gets_rid_of_what_is_no_product(shop):
    make_product(Client(shop.port), "ship")
    shop.redis.zadd("product_index", {"ghost": 0})
    assert audit(shop)[0] == 1
    assert audit(shop, "--repair") == (0, ["product ghost: in the index, but does not exist: removed from it", NOTHING])
    assert shop.redis.zrange("product_index", 0, -1) == ["ship"]


def test_broken_movements_are_listed_and_left(shop):
    make_product(Client(shop.port), "ship")
    order_id = make_order(Client(shop.port), a_detail("ship", quantity=2))
    [entry] = events(shop.redis)
    movement = {"take": [["ship", 2]], "give_back": {}, "time": int(time.time() * 1000)}
    broken = [
        "no JSON",
        "7",
        "[" * 100_000,
        b"\xff\x00",
        json.dumps({}),
        json.dumps(movement | {"time": "soon"}),
        json.dumps(movement | {"take": [["ship"]]}),
        json.dumps(movement | {"give_back": 7}),
    ]
    with shop.frozen("reconciler"):
        for number, text in enumerate(broken):
            shop.redis.hset("stock:pending", movement_id(number), text)
        shop.redis.hset("stock:pending", b"no \xff UUID", json.dumps(movement))
        status, lines = audit(shop, "--repair")
        assert status == 1
        assert sum(line.startswith("stock:pending has a broken movement: ") for line in lines) == len(broken) + 1
        assert lines[-1] == f"audit-stock: 0 orders differ, 0 repaired, {len(broken) + 1} findings left"

        # An order cannot be repaired if the entry of its movement is broken.
        shop.redis.delete("orders:events", "stock:pending")
        shop.redis.hset("stock:pending", entry["movement_id"], "no JSON")
        before = shop.fingerprint()
        status, lines = audit(shop, "--repair")
        assert status == 1
        assert f"order {order_id}: cannot be repaired: one of its movements is broken" in lines
        assert shop.fingerprint() == before
        shop.redis.delete("stock:pending")


def test_a_repair_without_an_event_moves_nothing(shop):
    make_product(Client(shop.port), "ship", in_stock=10)
    make_order(Client(shop.port), a_detail("ship", quantity=2))
    shop.postgres("UPDATE order_details SET quantity = 5")
    status, lines = audit(shop)
    assert status == 1
    before = shop.fingerprint()
    parts = ("workers/products/lua/prelude.lua", "workers/orders/lua/prelude.lua", "ops/lua/correct_order.lua")
    script = "".join((ROOT / part).read_text() for part in parts)
    shop.redis.set("events", "no stream")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        shop.redis.eval(script, 2, "events", "size", 1, '[["ship","-3"]]', "[]", "[]", "stock_corrected", "")
    with pytest.raises(ResponseError, match="not a number"):
        shop.redis.eval(script, 2, "other", "size", 1, '[["ship","much"]]', "[]", "[]", "stock_corrected", "")
    shop.redis.delete("events")
    assert shop.fingerprint() == before


def test_a_repair_adds_its_events_to_the_size_of_the_stream(shop):
    make_product(Client(shop.port), "ship", in_stock=10)
    for _ in range(2):
        make_order(Client(shop.port), a_detail("ship", quantity=2))
    shop.postgres("UPDATE order_details SET quantity = 5")
    assert_audit_repairs(shop)
    texts = [sum(map(len, [*entry, *entry.values()])) for entry in events(shop.redis)]
    assert shop.redis.get("orders:events:size") == f"{sum(text * 9 // 8 for text in texts)} {len(texts)}"


def test_stores_that_cannot_be_reached(shop):
    assert audit(shop, "--redis", "/nowhere")[0] == 2
    assert audit(shop, "--postgres", "host=/nowhere")[0] == 2
    shop.postgres("SELECT pg_advisory_lock(7203047)")
    try:
        assert audit(shop) == (2, ["audit-stock: a backup or another audit is under way"])
    finally:
        shop.postgres("SELECT pg_advisory_unlock(7203047)")


def test_the_password_of_redis_comes_from_the_environment(shop):
    shop.redis.config_set("requirepass", "s3cret")
    try:
        assert audit(shop, REDISCLI_AUTH="s3cret") == (0, [NOTHING])
        status, lines = audit(shop)
        assert status == 2 and len(lines) == 1 and lines[0].startswith("audit-stock: Redis: "), lines
    finally:
        shop.redis.config_set("requirepass", "")
