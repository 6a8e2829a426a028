"""make perf: the load test of the Python shop (nex-bzt.yml), with Debian's packages only.

USERS go through the steps again and again, without a pause. They start one after the other in RAMP_UP seconds; then all
of them work for HOLD seconds. BASE_URL names a running shop; without it the test starts one. Each user is a process of
wrk (wrk/load.lua), so that measuring takes little of the measured machine. Once a second the machine itself is
measured, too: if it gets slower, that is not the shop's fault.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

from tqdm import tqdm

import report
from chart import Axes, draw
from histogram import Histogram, merged
from perf_stack import end_in_order_on_sigterm, number_setting, started_shop
from processes import computing_seconds, sync_seconds
from shop.stack import READ

HERE = Path(__file__).resolve().parent
LABELS = "products-create product-get orders-create order-get orders-list product-delete order-delete".split()
MACHINE = {"computing": computing_seconds, "sync of 8 kB": lambda: sync_seconds(tempfile.gettempdir(), times=1)}
PERCENTILES = [0, 50, 75, 90, 95, 99, 99.9, 99.99]
FLOOR = 1.05  # The highest ratio of the mean of the last minute to the mean of the first.


class Recorder:
    """Times by second and label. Seconds are those of the monotonic clock."""

    def __init__(self):
        self._lock = threading.Lock()
        self._seconds = defaultdict(lambda: defaultdict(Histogram))

    def read(self, lines):
        for line in lines:
            self.add(line)

    def add(self, line):
        """Adds a line of load.lua. Skips other lines: they are wrk's."""
        words = line.split()
        if words[:1] != ["step"]:
            return
        second, label, errors, total = int(words[1]), words[2], int(words[3]), int(words[4])
        buckets = {int(bucket): int(count) for bucket, count in (word.split(":") for word in words[5:])}
        with self._lock:
            self._seconds[second][label].add_buckets(buckets, total, errors)

    def add_time(self, second, label, seconds):
        with self._lock:
            self._seconds[second][label].add(seconds * 1e6)

    def between(self, begin, end, labels=None):
        """A histogram of all times from second `begin` to before second `end`."""
        with self._lock:
            seconds = [self._seconds[second] for second in range(begin, end) if second in self._seconds]
            return merged(of[label] for of in seconds for label in labels or list(of) if label in of)


class LoadTest:
    def __init__(self, url, users, ramp_up, hold):
        self.recorder = Recorder()
        self.machine = Recorder()
        self.users = users
        self._url = url
        self._ramp_up = ramp_up
        self._hold = hold
        self._processes = []
        self._threads = []
        self._user_failed = threading.Event()
        self._second = None  # The last second in which the machine was measured.
        self._bar = tqdm(total=ramp_up + hold, unit=" s", disable=None)

    def run(self):
        self.start = int(time.monotonic()) + 1
        self.hold_start = self.start + self._ramp_up
        self.end = self.hold_start + self._hold
        try:
            while time.monotonic() < self.end and not self._user_failed.wait(0.2):
                self._start_users()
                self._each_second()
            if self._user_failed.is_set() or any(process.wait(timeout=60) for process in self._processes):
                raise RuntimeError(f"wrk has failed: does a shop answer at {self._url}?")
        finally:
            for process, thread in zip(self._processes, self._threads, strict=True):
                process.kill()
                thread.join()
                process.stdout.close()
                process.wait()
            self._bar.close()

    def _start_users(self):
        """Starts the users whose time has come."""
        while len(self._processes) < self.users:
            begin = self.start + self._ramp_up * len(self._processes) / self.users
            if time.monotonic() < begin:
                return
            seconds = round(self.end - time.monotonic())
            self._start_user(len(self._processes), seconds)

    def _start_user(self, number, seconds):
        wrk = ["wrk", "-t1", "-c1", f"-d{max(seconds, 1)}s", "--timeout=30s", "-s", HERE / "wrk/load.lua", self._url]
        arguments = [f"{time.time_ns() // 1_000_000:x}u{number}", HERE / "nex-users.csv"]
        process = subprocess.Popen([*wrk, "--", *arguments], **READ)
        self._processes.append(process)
        thread = threading.Thread(target=self._follow, args=[process], daemon=True)
        thread.start()
        self._threads.append(thread)

    def _follow(self, process):
        self.recorder.read(process.stdout)
        if process.wait() != 0:
            self._user_failed.set()

    def _each_second(self):
        now = int(time.monotonic())
        if now == self._second:
            return
        self._second = now
        for label, measure_seconds in MACHINE.items():
            self.machine.add_time(now, label, measure_seconds())
        self._show_progress(now)

    def _show_progress(self, now):
        lately = self.recorder.between(now - 3, now - 1)
        errors = self.recorder.between(self.start, now).errors
        self._bar.set_postfix_str(
            f"{len(self._processes)} users, {lately.count / 2:,.0f} requests/s, mean {lately.mean_ms():.2f} ms, "
            f"p99 {lately.percentile_ms(99):.2f} ms, {errors} errors"
        )
        self._bar.update(now - self.start - self._bar.n)


class Results:
    """For the time in which all users worked, without the last second: the users do not report all of that."""

    def __init__(self, recorder, begin, end):
        self._recorder = recorder
        self._begin, self._end = begin, end - 1
        self._window = max(min(60, (self._end - self._begin) // 2), 1)
        self.seconds_a_point = max((self._end - self._begin) // 120, 1)

    def total(self, label=None):
        return self._recorder.between(self._begin, self._end, label and [label])

    def first_and_last(self, label=None):
        """The means in ms of the first and of the last minute; of the halves if the time is shorter than that."""
        labels = label and [label]
        first = self._recorder.between(self._begin, self._begin + self._window, labels)
        last = self._recorder.between(self._end - self._window, self._end, labels)
        return first.mean_ms(), last.mean_ms()

    def over_time(self, value, label=None):
        """Points (seconds since the beginning, value of the histogram of that time)."""
        step = self.seconds_a_point
        return [
            (second - self._begin, value(self._recorder.between(second, second + step, label and [label])))
            for second in range(self._begin, self._end - step + 1, step)
        ]

    def rows(self):
        for label in [*LABELS, None]:
            total = self.total(label)
            yield {
                "label": label or "all",
                "requests": f"{total.count:,}",
                "requests/s": f"{total.count / (self._end - self._begin):,.1f}",
                "errors": total.errors,
                "mean ms": f"{total.mean_ms():.3f}",
                **{f"p{p} ms": f"{total.percentile_ms(p):.3f}" for p in (50, 90, 99, 99.9)},
                **self._first_and_last_columns(label),
            }

    def machine_rows(self):
        for label in MACHINE:
            yield {"": label, "mean ms": f"{self.total(label).mean_ms():.3f}"} | self._first_and_last_columns(label)

    def _first_and_last_columns(self, label):
        first, last = self.first_and_last(label)
        return {"first minute": f"{first:.3f}", "last minute": f"{last:.3f}", "ratio": f"{last / first:.3f}"}

    def document(self, labels):
        return {label or "all": self._document_of(label) for label in labels}

    def _document_of(self, label):
        total = self.total(label)
        first, last = self.first_and_last(label)
        percentiles = {f"p{percent}": total.percentile_ms(percent) for percent in PERCENTILES}
        return {
            "requests": total.count,
            "errors": total.errors,
            "mean_ms": total.mean_ms(),
            **percentiles,
            "first_minute_mean_ms": first,
            "last_minute_mean_ms": last,
            "ratio": last / first,
        }


def draw_charts(page, results, machine):
    def chart(title, axes, lines, points=False):
        file = title.partition(",")[0].lower().replace(" ", "-") + ".svg"
        draw(page.folder / file, axes, lines, points)
        page.chart(title, file)

    def over_time(title, unit, lines):
        chart(title, Axes("seconds with all users", unit), lines)

    def rate(part):
        return part.count / results.seconds_a_point

    means = {label: results.over_time(Histogram.mean_ms, label) for label in LABELS}
    over_time("Response time over time, by label", "mean, ms", means)
    rates = {label or "all": results.over_time(rate, label) for label in [None, *LABELS]}
    over_time("Throughput over time", "requests/s", rates)
    percentiles = {f"p{p}": results.over_time(lambda part, p=p: part.percentile_ms(p)) for p in (99, 95, 90, 50)}
    over_time("Percentiles over time, all labels", "ms", percentiles)
    over_time("Errors over time", "errors", {"errors": results.over_time(lambda part: part.errors)})
    machines = {label: machine.over_time(Histogram.mean_ms, label) for label in MACHINE}
    over_time("The machine itself over time", "mean, ms", machines)
    # Each nine takes the same width: x is the number of answers of which one takes longer.
    places = {percent: 100 / (100 - percent) for percent in PERCENTILES}
    axes = Axes("of all answers", "ms, at most", log_x=True, x_ticks=tuple((f"p{p}", x) for p, x in places.items()))
    totals = {label: results.total(label) for label in LABELS}
    lines = {label: [(x, total.percentile_ms(p)) for p, x in places.items()] for label, total in totals.items()}
    chart("Percentiles, by label", axes, lines, points=True)


def write(results, machine, users, ramp_up, hold):
    page = report.Page("perf", "The load test")
    page.text(
        f"{users} users, each asking again as soon as it has its answer, for {hold} s after {ramp_up} s of "
        "ramp-up. Every second round leaves its product and its order in the shop."
    )
    page.table("Response times by label", results.rows())
    first, last = results.first_and_last()
    errors = results.total().errors
    page.text(
        f"mean of the last minute to that of the first: {last / first:.3f}, at most {FLOOR}: "
        + ("pass" if last / first <= FLOOR else "below")
    )
    page.text(f"errors: {errors}, at most 0: " + ("below" if errors else "pass"))
    page.table("The machine itself, by a fixed piece of work and by its disk", machine.machine_rows())
    draw_charts(page, results, machine)
    page.json(
        {
            "users": users,
            "ramp_up": ramp_up,
            "hold": hold,
            "labels": results.document([*LABELS, None]),
            "measured_machine": machine.document(MACHINE),
        }
    )
    page.write()
    return errors


def measure(url, users, ramp_up, hold):
    """The Results of the shop, and those of the machine."""
    test = LoadTest(url, users, ramp_up, hold)
    test.run()
    return [Results(recorder, test.hold_start, test.end) for recorder in (test.recorder, test.machine)]


def main():
    end_in_order_on_sigterm()
    users, ramp_up, hold = number_setting("USERS", 8), number_setting("RAMP_UP", 10), number_setting("HOLD", 600)
    if url := os.environ.get("BASE_URL"):
        results, machine = measure(url, users, ramp_up, hold)
    else:
        with started_shop() as stack:
            results, machine = measure(f"http://127.0.0.1:{stack.port}", users, ramp_up, hold)
    sys.exit(1 if write(results, machine, users, ramp_up, hold) else 0)


if __name__ == "__main__":
    main()
