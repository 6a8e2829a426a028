"""redis-benchmark with the commands that the workers send for a request. They are found with redis-cli monitor."""

import subprocess
from itertools import takewhile

from perf_stack import ask
from sample import Sample, commands_of_requests, redis_benchmark

# The id of a product of stores.fill. redis-benchmark replaces it in each command by a random one.
NUMBER = "000000000007"
PLACEHOLDER = "__rand_int__"
PRODUCT = {"title": "The Odyssey", "passenger_capacity": 101, "maximum_speed": 5, "in_stock": 1000000}
REQUESTS = {
    "get-product": (f"GET /products/{NUMBER}", None),
    "get-order": (f"GET /orders/{int(NUMBER) + 1}", None),
    "post-product": ("POST /products", PRODUCT | {"id": f"new-{NUMBER}"}),
    "post-order": ("POST /orders", {"order_details": [{"product_id": NUMBER, "price": "100000.99", "quantity": 1}]}),
}

TRIAL = 500  # Requests.
END = "end of the request"


class RedisLimit:
    """How often per second Redis runs the commands of an operation, one after the other."""

    def __init__(self, stack, name, stored, seconds):
        self._socket = stack.run_dir / "redis/redis.sock"
        self._stored = stored
        self._seconds = seconds
        commands = commands_of(stack, self._socket, name)
        self._commands = [[word.replace(NUMBER, PLACEHOLDER) for word in command] for command in commands]
        self._rates = [0] * len(self._commands)

    def measure(self):
        samples = [self._measure(i) for i in range(len(self._commands))]
        seconds_each = sum(1 / sample.requests_per_second for sample in samples)
        return Sample(
            sum(sample.requests for sample in samples),
            1 / seconds_each,
            sum(sample.p50_ms for sample in samples),
            sum(sample.p99_ms for sample in samples),
        )

    def _measure(self, i):
        # redis-benchmark runs for a number of requests, not of seconds: the last run's rate gives that number.
        if not self._rates[i]:
            self._rates[i] = self._run(i, TRIAL).requests_per_second
        sample = self._run(i, max(int(self._rates[i] * self._seconds / len(self._commands)), TRIAL))
        self._rates[i] = sample.requests_per_second
        return sample

    def _run(self, i, requests):
        return redis_benchmark(self._socket, requests, self._stored, *self._commands[i])


def commands_of(stack, socket, name):
    """The commands that a request of the operation sends to Redis."""
    request, body = REQUESTS[name]
    monitor = subprocess.Popen(["redis-cli", "-s", socket, "monitor"], stdout=subprocess.PIPE, text=True)
    try:
        monitor.stdout.readline()  # The line "OK": from now on it watches.
        ask(stack, request, body)
        stack.redis.echo(END)
        lines = list(takewhile(lambda line: END not in line, monitor.stdout))
    finally:
        monitor.terminate()
        monitor.communicate()
    commands = commands_of_requests("".join(lines))
    if not commands:
        raise RuntimeError(f"{request} has sent nothing to Redis")
    return commands
