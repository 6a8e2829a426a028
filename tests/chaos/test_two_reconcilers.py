"""Two reconcilers at the same time, as on two application hosts: each movement is finished once."""

import json
import time
from contextlib import closing

from lone_programs import LoneProgram, lone_reconciler
from shop.client import Client
from shop.samples import a_product
from shop.stack import wait_for
from shop.stores import reconciler_looks

NOW = f"{time.time_ns() // 1_000_000:012x}"
IDS = f"{NOW[:8]}-{NOW[8:]}-7000-8000-"  # How the movements' ids begin: an old id would be purged.
COUNT = 400  # So many that both reconcilers find most of them before either has finished them.
OVERDUE = json.dumps({"time": 0, "take": [["ship", 2]], "give_back": []})
# Each second movement was recorded: an order of 2 ships.
RECORD = f"""
WITH recorded AS (
  INSERT INTO orders (id) SELECT n FROM generate_series(1, {COUNT}, 2) AS n RETURNING id
), details AS (
  INSERT INTO order_details (order_id, product_id, price, quantity) SELECT id, 'ship', 1, 2 FROM recorded
)
INSERT INTO stock_movements (id, kind, order_id) SELECT ('{IDS}' || lpad(id::text, 12, '0'))::uuid, 'created', id FROM recorded
"""


def movement_id(number):
    return f"{IDS}{number:012d}"


def leave_pending(shop):
    """Leaves the movements as workers do that die, half of them before and half of them after the record."""
    shop.postgres(RECORD)
    shop.redis.hincrby("products:ship", "in_stock", -2 * COUNT)
    shop.redis.hset("stock:pending", mapping={movement_id(number): OVERDUE for number in range(1, COUNT + 1)})


def finishes(shop):
    lines = (shop.run_dir / "log/lone-reconciler.log").read_text().splitlines()
    return sum(line.count("was recorded: confirmed") + line.count("was not recorded: released") for line in lines)


def test_two_reconcilers_finish_each_movement_once(shop, books):
    books.stock(Client(shop.port), a_product("ship", in_stock=5))
    one = lone_reconciler(shop, RECONCILER_INTERVAL_MS="10")
    with one, closing(LoneProgram(shop, "reconciler", "orders-reconciler", RECONCILER_INTERVAL_MS="10")):
        looks = reconciler_looks(shop.redis)
        wait_for(lambda: reconciler_looks(shop.redis) >= looks + 10, "both reconcilers look")
        before = finishes(shop)
        leave_pending(shop)
        books.wait_until_settled()
        looks = reconciler_looks(shop.redis)
        wait_for(lambda: reconciler_looks(shop.redis) >= looks + 10, "both have ended their rounds")
    assert finishes(shop) > before + COUNT, "no movement had both at work on it"
    assert books.faults() == []
    assert len(books.events()) == COUNT // 2
