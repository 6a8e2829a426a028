"""No alert fires while eight clients keep the shop busy: make test-silence. The rules are as they are delivered."""

import os
import time

from shop.load import Load
from shop.stack import ROOT, run, wait_for
from watch import watched_stack

SILENT_SECONDS = int(os.environ.get("SILENT_SECONDS", "600"))


def test_no_alert_fires_under_load(stack, tmp_path):
    with watched_stack(stack, rules=str, seconds=5) as watch:
        environment = os.environ | {"RUN_DIR": str(stack.run_dir), "METRICS_FOLDER": str(watch.metrics)}
        for command in ("backup.sh", str(tmp_path / "backup")), ("audit-stock",):
            assert run(ROOT / "ops" / command[0], *command[1:], environment=environment)[0] == 0
        with Load(stack.port) as load:
            end = time.monotonic() + SILENT_SECONDS

            def is_over():
                assert not watch.alerts(), watch.alerts()
                return time.monotonic() > end

            wait_for(is_over, "the load has lasted", SILENT_SECONDS + 60)
        assert load.failures() == {}
        assert watch.query("shop:errors:ratio_rate5m == 0 and shop:slow:ratio_rate5m < 0.01"), "the rules see the load"
        print(f"{load.answered()} requests in {SILENT_SECONDS} s, and no alert fired")
