"""The stream of events has a bound in bytes, and Redis has the memory for it."""

import subprocess

from shop.samples import a_detail, make_order, make_product, show_order

MIB = 1 << 20


def test_one_order_that_is_changed_again_and_again_does_not_fill_redis(shop):
    """100 products with long ids: a change of 2 kB makes an event of 14 kB, or of twice that."""
    shop.up(EVENTS_MAX_BYTES=str(MIB))
    api = shop.api
    products = [f"{number:02}".ljust(128, "x") for number in range(100)]
    for product in products:
        make_product(api, product, in_stock=1000)
    order_id = make_order(api, *map(a_detail, products))
    details = [detail["id"] for detail in show_order(api, order_id)["order_details"]]
    for quantity in [2, 1] * 60:
        change = {"order_details": [{"id": detail, "quantity": quantity} for detail in details]}
        assert api(f"PATCH /orders/{order_id}", change).status == 200
    assert 50 < shop.redis.xlen("orders:events") < 80
    assert shop.redis.memory_usage("orders:events", samples=0) < 1.2 * MIB
    assert shop.redis.hlen("stock:pending") == 0


def test_a_bound_above_the_memory_of_redis_is_refused(new_stack):
    stack = new_stack()
    complaint = stack.run("up", EVENTS_MAX_BYTES=str(512 * MIB + 1)).complaint
    assert f"EVENTS_MAX_BYTES must be at most half of the maxmemory of Redis, {512 * MIB}" in complaint
    stack.assert_nothing_runs()


def test_a_refused_bound_leaves_a_running_shop_alone(shop):
    before = shop.pids()
    assert "EVENTS_MAX_BYTES" in shop.run("up", EVENTS_MAX_BYTES=str(512 * MIB + 1)).complaint
    shop.redis.config_set("maxmemory", 64 * MIB)
    try:
        assert "EVENTS_MAX_BYTES" in shop.run("restart").complaint
    finally:
        shop.redis.config_set("maxmemory", 1024 * MIB)
    assert shop.pids() == before


def test_any_bound_fits_if_redis_has_no_limit(shop):
    shop.redis.config_set("maxmemory", 0)
    try:
        shop.up(EVENTS_MAX_BYTES=str(2048 * MIB))
    finally:
        shop.redis.config_set("maxmemory", 1024 * MIB)
    shop.up()


def test_a_reconciler_that_starts_before_redis_refuses_the_bound_later(shop):
    socket = shop.run_dir / "later.sock"
    settings = {"REDIS_ADDRESS": str(socket), "POSTGRES_CONNINFO": "dbname=none", "RECONCILER_INTERVAL_MS": "10"}
    with subprocess.Popen(
        [shop.run_dir / "bin/orders-reconciler"],
        stderr=subprocess.PIPE,
        text=True,
        env=settings | {"EVENTS_MAX_BYTES": str(512 * MIB + 1)},
    ) as program:
        assert "cannot reconcile: redis: connect" in program.stderr.readline()
        socket.symlink_to(shop.run_dir / "redis/redis.sock")
        try:
            _, said = program.communicate(timeout=20)
        finally:
            program.kill()
            socket.unlink()
    assert said.startswith("orders-reconciler: EVENTS_MAX_BYTES must be at most half")
    assert program.returncode == 1
