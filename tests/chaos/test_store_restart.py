"""A store is restarted under load: requests get 503 while it is away, and succeed soon after it is back."""

import signal
import time
from collections import Counter

import psycopg2
import pytest
from redis import RedisError

from shop.load import CLIENTS, PRODUCTS, STOCKED
from shop.background import Background
from shop.client import Client
from shop.samples import a_detail, a_product, an_order
from shop.stack import wait_for
from killable_store import Store

PROMISED_SECONDS = 2  # From the store's first answer to the last 503.
WELL = {"200", "204"}


class Shoppers(Background):
    """Clients that create, read and delete orders. They record the time of each request and its outcome."""

    def __init__(self, port):
        super().__init__([self._run] * CLIENTS)
        self.answers = []  # (time of the request, outcome)
        self._port = port

    def asked_since(self, moment):
        return [outcome for asked, outcome in list(self.answers) if asked >= moment]

    def _run(self):
        api = Client(self._port)
        while not self.stopping.is_set():
            made = self._ask(api, "POST /orders", an_order(a_detail(PRODUCTS[0])))
            if made.status == 200:
                self._ask(api, f"GET /orders/{made.json['id']}")
                self._ask(api, f"DELETE /orders/{made.json['id']}")

    def _ask(self, api, request, body=None):
        asked = time.monotonic()
        answer = api(request, body)
        self.answers.append((asked, answer.outcome))
        return answer


def answers(shop, name):
    """Whether the store answers the test itself."""
    try:
        return shop.redis.ping() if name == "redis" else shop.postgres("SELECT 1")
    except (RedisError, psycopg2.Error):
        return False


@pytest.mark.logs("503: .*(redis|postgres): ")
@pytest.mark.may_log("cannot reconcile: ")
@pytest.mark.filterwarnings("ignore:unclosed <socket")  # redis-py does not close the sockets of refused connections.
@pytest.mark.parametrize("name", ["redis", "postgres"])
def test_a_store_restarted_under_load(shop, books, name):
    books.stock(Client(shop.port), a_product(PRODUCTS[0], in_stock=STOCKED))
    store = Store(shop, name)
    workers = shop.all_worker_pids()
    with Shoppers(shop.port) as shoppers:
        wait_for(lambda: len(shoppers.answers) > 100, "answers before")
        shop.close()
        store.kill(signal.SIGINT if name == "postgres" else signal.SIGTERM)  # As by its operator.
        away = time.monotonic()
        wait_for(lambda: len(shoppers.asked_since(away)) > 100, "answers while it is away")
        while_away = Counter(shoppers.asked_since(away))
        store.start()
        wait_for(lambda: answers(shop, name), f"{name} answers")
        well_since = time.monotonic() + PROMISED_SECONDS
        wait_for(lambda: len(shoppers.asked_since(well_since)) > 300, "answers afterwards")
    assert set(while_away) == {"503 SERVICE_UNAVAILABLE"}
    assert set(shoppers.asked_since(well_since)) <= WELL
    assert shop.all_worker_pids() == workers
    books.settle()
    assert books.faults() == []
