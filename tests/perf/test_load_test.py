"""make perf: the users' reports, the results, and a test of a few seconds."""

import pytest

from histogram import bucket_of
from load_test import LABELS, MACHINE, Recorder, Results, measure, write
from shop.stack import free_port


def step(second, label, milliseconds, count=1, errors=0):
    microseconds = milliseconds * 1000
    return f"step {second} {label} {errors} {microseconds * count} {bucket_of(microseconds)}:{count}\n"


def test_the_reports_of_a_second_are_added_up():
    recorder = Recorder()
    recorder.read([step(5, "order-get", 2, count=3), step(5, "order-get", 4, errors=1), step(5, "product-get", 9)])
    total = recorder.between(5, 6, ["order-get"])
    assert (total.count, total.errors, total.mean_ms()) == (4, 1, 2.5)


def test_lines_of_wrk_itself_are_skipped():
    recorder = Recorder()
    recorder.read(["Running 10s test @ http://127.0.0.1:8000\n", "\n", "Requests/sec:   1000.00\n"])
    assert recorder.between(0, 100).count == 0


@pytest.mark.parametrize(("seconds", "first", "last"), [(601, 30.5, 570.5), (11, 3, 8)])
def test_the_first_and_the_last_minute_or_half(seconds, first, last):
    recorder = Recorder()
    recorder.read(step(100 + i, "order-get", i + 1) for i in range(seconds))
    assert Results(recorder, 100, 100 + seconds).first_and_last() == (first, last)


def test_a_chart_has_120_points_over_time():
    recorder = Recorder()
    recorder.read(step(i, "order-get", 1) for i in range(601))
    points = Results(recorder, 0, 601).over_time(lambda part: part.count)
    assert points == [(second, 5) for second in range(0, 600, 5)]


def test_a_few_seconds_of_load(stack, report_folder):
    results, machine = measure(f"http://127.0.0.1:{stack.port}", users=2, ramp_up=1, hold=8)
    assert write(results, machine, users=2, ramp_up=1, hold=8) == 0
    for label in LABELS:
        assert results.total(label).count > 0, label
    assert len(list((report_folder / "perf").glob("*.svg"))) == 6
    for label in MACHINE:
        assert machine.total(label).count >= 5, label
    # Every second round of a user deletes what it has created. The last round may be incomplete.
    made, taken = results.total("orders-create").count, results.total("order-delete").count
    assert abs(made - 2 * taken) <= 8


def test_without_a_shop_there_is_no_result():
    with pytest.raises(RuntimeError, match="does a shop answer"):
        measure(f"http://127.0.0.1:{free_port()}", users=1, ramp_up=1, hold=60)


def test_what_the_shop_refuses_is_an_error(stack):
    shop_without_orders = f"http://127.0.0.1:{stack.port}/nowhere"
    results, _ = measure(shop_without_orders, users=1, ramp_up=1, hold=3)
    assert results.total().count == results.total().errors > 0
