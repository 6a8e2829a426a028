"""Keeps many times in little memory: a histogram in which each bucket is 2 % wider than the one before."""

import math
from collections import Counter

BUCKETS = 50  # For each factor of e; wrk/load.lua has the same buckets.


def bucket_of(microseconds):
    return math.floor(math.log(max(microseconds, 1)) * BUCKETS)


def middle_of(bucket):
    """In microseconds. No time in the bucket differs by more than 1 %."""
    return math.exp((bucket + 0.5) / BUCKETS)


class Histogram:
    """Of times in microseconds. The mean is exact; percentiles are accurate to 1 %."""

    def __init__(self):
        self.count = 0
        self.sum = 0
        self.errors = 0
        self._buckets = Counter()

    def add(self, microseconds):
        self.add_buckets({bucket_of(microseconds): 1}, microseconds)

    def add_buckets(self, buckets, total, errors=0):
        """`total`: the sum of all times in the buckets."""
        self._buckets.update(buckets)
        self.count += sum(buckets.values())
        self.sum += total
        self.errors += errors

    def merge(self, other):
        self._buckets.update(other._buckets)
        self.count += other.count
        self.sum += other.sum
        self.errors += other.errors

    def mean_ms(self):
        return self.sum / self.count / 1000 if self.count else math.nan

    def percentile_ms(self, percent):
        """`percent` of all times are not longer than this one."""
        rank = max(math.ceil(self.count * percent / 100), 1)
        for bucket in sorted(self._buckets):
            rank -= self._buckets[bucket]
            if rank <= 0:
                return middle_of(bucket) / 1000
        return math.nan


def merged(histograms):
    total = Histogram()
    for histogram in histograms:
        total.merge(histogram)
    return total
