"""The shop's books: what must be true of its two stores at rest, whatever has happened before."""

import json
from collections import Counter

from shop import stores
from shop.stack import wait_for

# So that no test waits for the age limit. A worker that is still at work on a movement becomes a slow worker.
MAKE_OVERDUE = """
for _, id in ipairs(redis.call('HKEYS', 'stock:pending')) do
  local movement = cjson.decode(redis.call('HGET', 'stock:pending', id))
  movement.time = 0
  redis.call('HSET', 'stock:pending', id, cjson.encode(movement))
end
"""


class Books:
    """For a shop in which every product was created by stock(), and its in_stock never set again."""

    def __init__(self, shop):
        self._shop = shop
        self._stocked = {}

    def stock(self, api, product):
        """Creates a product."""
        assert api("POST /products", product).status == 200
        self._stocked[product["id"]] = product["in_stock"]

    def pending(self):
        """The number of pending movements."""
        return self._shop.redis.hlen("stock:pending")

    def make_overdue(self):
        """Makes every pending movement overdue."""
        self._shop.redis.eval(MAKE_OVERDUE, 0)

    def wait_until_settled(self, seconds=20):
        wait_for(lambda: self.pending() == 0, "the reconciler settles every movement", seconds)

    def settle(self):
        """Makes the reconciler settle every pending movement now."""
        self.make_overdue()
        self.wait_until_settled()

    def events(self):
        """Each entry of the stream of events, as (event, order id, movement id)."""
        entries = stores.events(self._shop.redis)
        return [(entry["event"], int(entry["order_id"]), entry["movement_id"]) for entry in entries]

    def recorded(self):
        """Each recorded movement, in the form of events()."""
        return self._shop.postgres(
            "SELECT 'order_' || kind, order_id, id FROM stock_movements WHERE kind <> 'cancelled'"
        )

    def faults(self):
        """A line for each fault."""
        return [*self._wrong_stocks(), *self._unsettled(), *self._wrong_events(), *self._wrong_orders()]

    def _wrong_stocks(self):
        held = stores.held(self._shop.postgres)
        for product_id, stocked in self._stocked.items():
            in_stock = int(self._shop.redis.hget(f"products:{product_id}", "in_stock"))
            if in_stock != stocked - held.get(product_id, 0):
                yield f"{product_id}: stocked {stocked}, held {held.get(product_id, 0)}, in stock {in_stock}"

    def _unsettled(self):
        for movement_id, movement in self._shop.redis.hgetall("stock:pending").items():
            yield f"movement {movement_id} is still pending: {json.loads(movement)}"

    def _wrong_events(self):
        """Each recorded movement has exactly one event. There are no other events."""
        events, recorded = Counter(self.events()), Counter(self.recorded())
        for entry, count in (events - recorded).items():
            yield f"{count} events too many: {entry}"
        for entry in recorded - events:
            yield f"no event: {entry}"

    def _wrong_orders(self):
        """An order is created once and deleted at most once; it exists unless it was deleted. A key makes one order."""
        counted = Counter((event, order_id) for event, order_id, _ in self.recorded())
        created = {order_id for event, order_id in counted if event == "order_created"}
        deleted = {order_id for event, order_id in counted if event == "order_deleted"}
        existing = {order_id for (order_id,) in self._shop.postgres("SELECT id FROM orders")}
        keyed = [order_id for (order_id,) in self._shop.postgres("SELECT order_id FROM idempotency_keys")]
        for (event, order_id), count in counted.items():
            if event != "order_updated" and count > 1:
                yield f"order {order_id} has {count} movements {event}"
        if existing != created - deleted:
            yield f"orders that exist but should not, or the other way round: {existing ^ (created - deleted)}"
        if len(set(keyed)) != len(keyed) or not set(keyed) <= created:
            yield f"two keys have the same order, or a key has an order that was never created: {sorted(keyed)}"
