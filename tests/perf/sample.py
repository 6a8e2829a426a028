"""The result of a measurement, and the programs that measure: wrk, pgbench, redis-benchmark. Each runs with CONNECTIONS
clients without pauses."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

from shop.stack import ROOT

CONNECTIONS = 8
SCRIPTS = Path(__file__).resolve().parent / "wrk"
# As the workers plan their statements (workers/common/postgres.cpp).
PLANNED_ONCE = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c jit=off"
# Commands that workers send when they connect, and for GET /health; and commands of the reconciler.
ASIDE = {"SCRIPT", "PING", "EVAL", "TIME", "HSCAN", "CLIENT", "HELLO", "SELECT"}
PGBENCH = "/usr/lib/postgresql/15/bin/pgbench --no-vacuum --protocol=prepared".split()


class Sample(NamedTuple):
    requests: int
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    errors: int = 0


def medians(samples):
    """The medians of each number of the samples; errors and requests are added up."""
    return Sample(
        sum(sample.requests for sample in samples),
        *(median(sample[field] for sample in samples) for field in (1, 2, 3)),
        sum(sample.errors for sample in samples),
    )


def output_of(*command, seconds=120, **environment):
    words = [str(word) for word in command]
    done = subprocess.run(
        words, env=os.environ | environment, capture_output=True, text=True, timeout=seconds, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def wrk(url, seconds, *arguments):
    """`arguments` are the arguments of requests.lua."""
    script = SCRIPTS / "requests.lua"
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout=30s", "-s", script]
    return parse_wrk(output_of("wrk", *options, url, "--", *arguments, seconds=seconds + 60))


def parse_wrk(output):
    """Reads the last line of requests.lua. Its times are in microseconds."""
    for line in output.splitlines():
        words = line.split()
        if words[:1] == ["result"]:
            requests, duration, errors, p50, p99, _ = map(int, words[1:])
            return Sample(requests, requests * 1e6 / duration, p50 / 1000, p99 / 1000, errors)
    raise ValueError(f"wrk has given no result: {output!r}")


def pgbench(socket_folder, script, seconds, **variables):
    """`script` is a file in pgbench's language."""
    who = [f"--client={CONNECTIONS}", "--jobs=1", f"--host={socket_folder}", "--username=orders"]
    what = [f"--time={seconds}", f"--file={script}", *(f"--define={name}={value}" for name, value in variables.items())]
    command = [*PGBENCH, *who, *what, "airship"]
    return parse_pgbench(output_of(*command, seconds=seconds + 60, PGOPTIONS=PLANNED_ONCE))


def script_of_statement(name, *parameters, before=""):
    """A file in pgbench's language with a statement of the workers. `parameters` are SQL that replaces $1, $2, ..."""
    sql = (ROOT / f"workers/orders/sql/{name}.sql").read_text()
    for number, parameter in enumerate(parameters, 1):
        sql = sql.replace(f"${number}", parameter)
    file = tempfile.NamedTemporaryFile("w", suffix=".sql")
    file.write(f"{before}{sql};\n")
    file.flush()
    return file


def parse_pgbench(output):
    """pgbench knows only the mean, which is used for the percentiles."""
    values = {}
    for line in output.splitlines():
        name, _, value = line.partition(" = " if " = " in line else ": ")
        values[name] = value.split()[0].split("/")[0] if value else ""
    requests, mean = int(values["number of transactions actually processed"]), float(values["latency average"])
    failed = int(values.get("number of failed transactions", 0))
    return Sample(requests, float(values["tps"]), mean, mean, failed)


def redis_benchmark(path, requests, keys, *command):
    """`__rand_int__` in the command becomes a number below `keys`, in twelve digits."""
    asked = ["-c", CONNECTIONS, "-n", requests, "-r", keys, "--csv", *command]
    return parse_redis_benchmark(requests, output_of("redis-benchmark", "-s", path, *asked))


def parse_redis_benchmark(requests, output):
    """The last line is "COMMAND","rps","avg","min","p50","p95","p99","max", with any quotes in the command."""
    numbers = [float(text.strip('"')) for text in output.strip().splitlines()[-1].rsplit(",", 7)[1:]]
    rps, _, _, p50, _, p99, _ = numbers
    return Sample(requests, rps, p50, p99)


def commands_of_requests(output):
    """The commands in the output of `redis-cli monitor` that workers send for requests: not those of scripts, nor ASIDE."""
    commands = []
    for line in output.splitlines():
        head, quote, words = line.partition(' "')
        if quote and not head.endswith(" lua]"):
            commands.append(shlex.split('"' + words))
    return [command for command in commands if command[0].upper() not in ASIDE]
