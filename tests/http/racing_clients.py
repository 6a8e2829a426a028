"""Clients of the shop that race with one another."""

import random
import threading

from shop.connection import Connection


class RacingClients:
    """Clients of the shop at `port`, each in a thread and on a connection of its own. If one fails, all stop."""

    def __init__(self, port):
        self.stopping = threading.Event()  # They must look at it between two requests.
        self._port = port
        self._failures = []

    def run(self, clients, until):
        """Runs them until `until()` is true. Each is a function of its connection and of its random numbers, which are the
        same in each run."""
        threads = [threading.Thread(target=self._guard, args=client) for client in enumerate(clients)]
        for thread in threads:
            thread.start()
        while not self.stopping.wait(0.05):
            if until():
                self.stopping.set()
        for thread in threads:
            thread.join()
        assert not self._failures, self._failures

    def _guard(self, number, client):
        try:
            with Connection(self._port) as connection:
                client(connection, random.Random(number))
        except Exception as failure:  # pytest does not notice what a thread raises.
            self._failures.append(failure)
            self.stopping.set()
            raise
