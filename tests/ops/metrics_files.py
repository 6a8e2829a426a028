"""What ops/metrics.sh writes."""

import os
import re
import time

from shop.client import Client
from shop.stack import ROOT, run, wait_for

REQUESTS = "shop_http_requests_total"
SAMPLE = re.compile(r"([a-z_]+)(?:\{(.*)\})? ([0-9.e+]+)")
LABEL = re.compile(r'(\w+)="([^"]*)"')


class Metrics:
    """Runs the command on a shop, and reads its files."""

    def __init__(self, shop, folder):
        self._shop, self.folder = shop, folder

    def collect(self):
        """The value of each series: {(name, (label values ...)): value}."""
        # Each process of nginx writes its lines within a second. So when a request is logged that was sent later than
        # that, all that were sent before are logged.
        log, all_written = self._shop.run_dir / "log/nginx-access.log", time.monotonic() + 1.5

        def is_written():
            marker, is_late = f"marker-{time.monotonic_ns()}", time.monotonic() > all_written
            Client(self._shop.port)("GET /health", headers={"X-Request-ID": marker})
            return is_late and wait_for(lambda: marker in log.read_text(), "the marker is logged")

        wait_for(is_written, "the requests are logged")
        return self.collect_now()

    def collect_now(self):
        assert self.run() == (0, "")
        return {sample: value for path in self.folder.glob("*.prom") for sample, value in read(path.read_text())}

    def run(self, **settings):
        environment = os.environ | {"RUN_DIR": str(self._shop.run_dir)} | settings
        return run(ROOT / "ops/metrics.sh", self.folder, environment=environment)


def read(text):
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            yield (name, *(value for _, value in LABEL.findall(labels or ""))), float(value)


def grown(before, after, name):
    """By how much the counters have grown, without those that have not and without what collect() asks itself."""
    growth = {key[1:]: after[key] - before.get(key, 0) for key in after if key[0] == name}
    return {labels: growth for labels, growth in growth.items() if growth and labels[0] != "/health"}
