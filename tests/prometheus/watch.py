"""A stack that Prometheus watches, with the rules of ops/prometheus/rules at sixty times their pace."""

import json
import os
import random
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from shop.stack import READ, ROOT, children, wait_for

RULES = ROOT / "ops/prometheus/rules"
DURATION = re.compile(r"(?<=\[)\d+[smhd](?=\])|(?<=for: )\d+[smhd]")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# In place of those in objectives.yml. The others are not about minutes.
LIMITS = {"movement_age_limit_seconds": "60", "metrics_age_limit_seconds": "6"}
# Of the machine on which the tests run, about which they know nothing.
OF_THE_MACHINE = {"ShopDiskFull", "ShopDiskFillsUp"}


def sixty_times_faster(rules):
    """The same rules, with a second in place of each minute: in the windows and in `for`. All else stays."""
    faster = DURATION.sub(lambda found: f"{int(found[0][:-1]) * SECONDS[found[0][-1]] / 60:g}s", rules)
    return with_limits(faster, LIMITS)


def with_limits(rules, limits):
    for name, limit in limits.items():
        rules = re.sub(rf"(record: shop:{name}\n +expr: vector)\(.*\)", rf"\1({limit})", rules)
    return rules


class Watch:
    """Prometheus on a stack."""

    def __init__(self, shop, port, rules, process):
        self._port, self._rules, self.process = port, rules, process
        self._configuration = shop.run_dir / "dashboard/prometheus.yml"
        self.metrics = shop.run_dir / "dashboard/metrics"

    def get(self, target):
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{target}", timeout=10) as answer:
            return answer.read().decode()

    def ask(self, path, **parameters):
        return json.loads(self.get(f"{path}?{urllib.parse.urlencode(parameters)}"))["data"]

    def all_alerts(self):
        """The alerts that fire, each with its labels and annotations."""
        time.sleep(0.2)  # Prometheus looks once a second. To ask it all the time would take what the shop needs.
        return [alert for alert in self.ask("/api/v1/alerts")["alerts"] if alert["state"] == "firing"]

    def alerts(self):
        """Those about the shop."""
        return [alert for alert in self.all_alerts() if alert["labels"]["alertname"] not in OF_THE_MACHINE]

    def names(self):
        return {alert["labels"]["alertname"] for alert in self.alerts()}

    def firing(self):
        """Their names, without those that look back for minutes: what an earlier test did makes them fire still."""
        return {name for name in self.names() if not name.endswith(("BurnsMedium", "BurnsSlow"))}

    @contextmanager
    def seen(self, *names, seconds=60):
        """A fault is made in the `with` block. None of these fires before it; all do at its end. Their texts are whole."""
        assert not self.names() & set(names)
        yield
        wait_for(lambda: self.names() >= set(names), f"{names} fire", seconds)
        for alert in self.alerts():
            summary = alert["annotations"]["summary"]
            assert "error" not in summary and "<no value>" not in summary, summary

    def wait_until_silent(self, *names, seconds=30):
        wait_for(lambda: not self.names() & set(names), f"{names} fire no more", seconds)

    def limits(self, **limits):
        """Has other numbers in objectives.yml for the `with` block."""
        return self._changed(self._rules / "objectives.yml", lambda rules: with_limits(rules, limits))

    def also_scraping(self, **addresses):
        """Asks a second exporter of these jobs for the `with` block."""

        def with_more(text):
            configuration = json.loads(text)
            for job in configuration["scrape_configs"]:
                if job["job_name"] in addresses:
                    job["static_configs"].append({"targets": [addresses[job["job_name"]]]})
            return json.dumps(configuration)

        return self._changed(self._configuration, with_more)

    @contextmanager
    def _changed(self, path, change):
        before = path.read_text()
        try:
            self._use(path, change(before))
            yield
        finally:
            self._use(path, before)

    def _use(self, path, text):
        loaded = self._loaded()
        path.write_text(text)
        os.kill(self.child("--config.file"), signal.SIGHUP)
        wait_for(lambda: self._loaded() > loaded, f"Prometheus reads {path} again")

    def _loaded(self):
        """When Prometheus has read its files."""
        (found,) = re.findall(r"\nprometheus_config_last_reload_success_timestamp_seconds (\S+)", self.get("/metrics"))
        return float(found)

    def query(self, expression):
        return self.ask("/api/v1/query", query=expression)["result"]

    def child(self, word):
        """The process of Prometheus' company in whose command line the word is."""
        (pid,) = [pid for pid in children(self.process.pid) if word in Path(f"/proc/{pid}/cmdline").read_text()]
        return pid


def is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def four_free_ports():
    """The first of four ports, one after the other, that are free. Connections to others begin at none of them: they take
    ports above 32767."""
    while True:
        first = random.randrange(20000, 32000)
        if all(map(is_free, range(first, first + 4))):
            return first


@contextmanager
def watched_stack(shop, rules=sixty_times_faster, seconds=1):
    """Runs `make dashboard` on the stack for the `with` block."""
    with tempfile.TemporaryDirectory() as folder:
        for path in RULES.glob("*.yml"):
            (Path(folder) / path.name).write_text(rules(path.read_text()))
        port = four_free_ports()
        settings = {"RUN_DIR": shop.run_dir, "DASHBOARD_PORT": port, "SCRAPE_SECONDS": seconds, "RULES": folder}
        command = ["env", *(f"{name}={value}" for name, value in settings.items()), ROOT / "ops/dev/dashboard.sh"]
        with subprocess.Popen(command, **READ) as process:
            try:
                said = process.stdout.readline()
                assert f"http://localhost:{port}/consoles/shop.html" in said, said + process.stdout.read()
                yield Watch(shop, port, Path(folder), process)
            finally:
                process.terminate()
                rest = process.stdout.read()
        assert process.returncode == 0, f"{process.returncode} {rest}"
