"""Parsing the output of wrk, pgbench, redis-benchmark, redis-cli and the kernel."""

import pytest

from processes import private_of, ticks_in
from sample import Sample, commands_of_requests, parse_pgbench, parse_redis_benchmark, parse_wrk

WRK = """\
Running 2s test @ http://127.0.0.1:8000
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   370.06us    1.03ms  23.56ms   97.36%
  50212 requests in 2.00s, 12.34MB read
result 50212 2004000 3 301 1450 370
"""

PGBENCH = """\
pgbench (15.18 (Debian 15.18-0+deb12u1))
transaction type: create_order.sql
scaling factor: 1
query mode: prepared
number of clients: 8
number of transactions actually processed: 25624
number of failed transactions: 0 (0.000%)
latency average = 0.624 ms
initial connection time = 12.345 ms
tps = 12817.903402 (without initial connection time)
"""

REDIS_BENCHMARK = """\
"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
"EVALSHA 0a1b 1 k {"take":[["__rand_int__",1]]} -9","1573.32","5.064","0.824","4.111","8.999","18.543","20.031"
"""

MONITOR = """\
OK
1700000000.100000 [0 unix:/run/redis.sock] "HMGET" "products:a b" "id" "ti\\"tle"
1700000000.200000 [0 lua] "HMGET" "products:x" "id"
1700000000.300000 [0 127.0.0.1:50000] "EVALSHA" "0a1b" "1" "stock:pending" "{\\"take\\":[[\\"x\\",1]]}"
1700000000.400000 [0 unix:/run/redis.sock] "EVAL" "#!lua\\nreturn 1" "0"
1700000000.500000 [0 unix:/run/redis.sock] "HSCAN" "stock:pending" "0"
"""

SMAPS_ROLLUP = """\
55d0c8a00000-7ffe1c9f6000 ---p 00000000 00:00 0                          [rollup]
Rss:                 900 kB
Shared_Clean:        500 kB
Private_Clean:       100 kB
Private_Dirty:       300 kB
"""


def test_wrk():
    assert parse_wrk(WRK) == Sample(50212, pytest.approx(25055.9, abs=0.1), 0.301, 1.45, 3)


def test_wrk_without_a_result():
    with pytest.raises(ValueError, match="unable to connect"):
        parse_wrk("unable to connect to 127.0.0.1:1 Connection refused\n")


def test_pgbench():
    assert parse_pgbench(PGBENCH) == Sample(25624, 12817.903402, 0.624, 0.624, 0)


def test_redis_benchmark_with_quotes_in_the_command():
    assert parse_redis_benchmark(7, REDIS_BENCHMARK) == Sample(7, 1573.32, 4.111, 18.543)


def test_commands_of_requests():
    """Without those of a script, of GET /health, and of the reconciler."""
    assert commands_of_requests(MONITOR) == [
        ["HMGET", "products:a b", "id", 'ti"tle'],
        ["EVALSHA", "0a1b", "1", "stock:pending", '{"take":[["x",1]]}'],
    ]


def test_cpu_time_of_a_process_whose_name_has_blanks_and_parentheses():
    assert ticks_in("7 (a) S 1 (b) S 1 7 7 0 -1 4194560 100 200 0 0 11 22 33 44 20 0 1 0 5000") == [11, 22, 33, 44]


def test_cpu_time_of_a_process_that_has_ended():
    assert ticks_in("") == [0]


def test_private_memory_is_what_no_other_process_has():
    assert private_of(SMAPS_ROLLUP) == 400 * 1024
