"""Means, percentiles and medians of known numbers."""

import math

import pytest

from histogram import Histogram, bucket_of, merged, middle_of
from sample import Sample, medians


def histogram_of(times):
    histogram = Histogram()
    for time in times:
        histogram.add(time)
    return histogram


@pytest.mark.parametrize("microseconds", [2, 57, 1000, 123_456, 30_000_000])
def test_the_middle_of_a_bucket_differs_from_its_times_by_one_percent_at_most(microseconds):
    assert middle_of(bucket_of(microseconds)) == pytest.approx(microseconds, rel=0.0101)


def test_times_below_a_microsecond_are_in_the_bucket_of_one_microsecond():
    assert bucket_of(0) == bucket_of(0.3) == bucket_of(1) == 0


@pytest.mark.parametrize(("percent", "milliseconds"), [(0, 1), (10, 1), (50, 5), (51, 6), (99, 10), (100, 10)])
def test_percentiles(percent, milliseconds):
    histogram = histogram_of(1000 * i for i in range(1, 11))
    assert histogram.percentile_ms(percent) == pytest.approx(milliseconds, rel=0.0101)


def test_the_mean_is_exact():
    assert histogram_of([1000, 2000, 6000]).mean_ms() == 3


def test_without_times_mean_and_percentiles_are_nan():
    assert math.isnan(Histogram().mean_ms()) and math.isnan(Histogram().percentile_ms(50))


def test_merged_histograms_are_the_histogram_of_all_their_times():
    parts = [histogram_of(range(1000, 2000)), histogram_of(range(5000, 9000)), Histogram()]
    parts[2].add_buckets({bucket_of(100): 2}, 200, errors=2)
    whole = histogram_of([*range(1000, 2000), *range(5000, 9000), 100, 100])
    total = merged(parts)
    assert (total.count, total.sum, total.errors) == (whole.count, whole.sum, 2)
    assert [total.percentile_ms(p) for p in range(101)] == [whole.percentile_ms(p) for p in range(101)]


def test_each_number_has_its_own_median():
    samples = [Sample(10, 1.0, 9.0, 30.0), Sample(20, 3.0, 7.0, 10.0, errors=2), Sample(30, 2.0, 8.0, 20.0, errors=1)]
    assert medians(samples) == Sample(60, 2.0, 8.0, 20.0, errors=3)
