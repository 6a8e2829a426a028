"""The shop's books: what must be true of its two stores whatever has happened, as soon as it is at rest."""

import json
from collections import Counter

from shop import stores
from shop.stack import wait_for

# By hand, so that no test waits until they are. To be used while no worker is at work on one, or to make a slow worker.
AGE_NOTES = """
for _, id in ipairs(redis.call('HKEYS', 'stock:pending')) do
  local note = cjson.decode(redis.call('HGET', 'stock:pending', id))
  note.time = 0
  redis.call('HSET', 'stock:pending', id, cjson.encode(note))
end
"""


class Books:
    """Of a shop in which every product was stocked with `stocked` once, through this."""

    def __init__(self, shop):
        self._shop = shop
        self._stocked = {}

    def stock(self, api, product):
        """Creates a product."""
        assert api("POST /products", product).status == 200
        self._stocked[product["id"]] = product["in_stock"]

    def notes(self):
        return self._shop.redis.hlen("stock:pending")

    def age_notes(self):
        """Makes every movement that is noted overdue."""
        self._shop.redis.eval(AGE_NOTES, 0)

    def wait_until_settled(self, seconds=20):
        wait_for(lambda: self.notes() == 0, "the reconciler settles every movement", seconds)

    def settle(self):
        """Lets the reconciler do now what it would do later."""
        self.age_notes()
        self.wait_until_settled()

    def events(self):
        """Each entry of the stream as (event, order's id, movement's id)."""
        entries = stores.events(self._shop.redis)
        return [(entry["event"], int(entry["order_id"]), entry["movement_id"]) for entry in entries]

    def recorded(self):
        """Each movement that was recorded, in the words of the events."""
        return self._shop.postgres(
            "SELECT 'order_' || kind, order_id, id FROM stock_movements WHERE kind <> 'cancelled'"
        )

    def faults(self):
        """A line for each thing that is not as it must be."""
        return [*self._wrong_stocks(), *self._unsettled(), *self._wrong_events(), *self._wrong_orders()]

    def _wrong_stocks(self):
        held = stores.held(self._shop.postgres)
        for product_id, stocked in self._stocked.items():
            in_stock = int(self._shop.redis.hget(f"products:{product_id}", "in_stock"))
            if in_stock != stocked - held.get(product_id, 0):
                yield f"{product_id}: stocked {stocked}, held {held.get(product_id, 0)}, in stock {in_stock}"

    def _unsettled(self):
        for movement_id, note in self._shop.redis.hgetall("stock:pending").items():
            yield f"movement {movement_id} is still noted: {json.loads(note)}"

    def _wrong_events(self):
        """Each movement that was recorded has made one event, and no other has."""
        told, recorded = Counter(self.events()), Counter(self.recorded())
        for entry, count in (told - recorded).items():
            yield f"{count} events too many: {entry}"
        for entry in recorded - told:
            yield f"no event: {entry}"

    def _wrong_orders(self):
        """An order was created once; it exists unless it was deleted once; a key has made one order."""
        counted = Counter((event, order_id) for event, order_id, _ in self.recorded())
        created = {order_id for event, order_id in counted if event == "order_created"}
        deleted = {order_id for event, order_id in counted if event == "order_deleted"}
        existing = {order_id for (order_id,) in self._shop.postgres("SELECT id FROM orders")}
        keyed = [order_id for (order_id,) in self._shop.postgres("SELECT order_id FROM idempotency_keys")]
        for (event, order_id), count in counted.items():
            if event != "order_updated" and count > 1:
                yield f"order {order_id} has {count} movements {event}"
        if existing != created - deleted:
            yield f"orders that should not, or should, exist: {existing ^ (created - deleted)}"
        if len(set(keyed)) != len(keyed) or not set(keyed) <= created:
            yield f"keys of one order, or of none: {sorted(keyed)}"
