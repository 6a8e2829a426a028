"""What lies in the shop's stores, seen without the shop."""

import socket
import subprocess
from contextlib import suppress

# One digest for each key, whatever its type.
REDIS_DIGESTS = """
local digests = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  table.insert(digests, key)
  table.insert(digests, redis.sha1hex(redis.call('DUMP', key)))
end
return digests
"""

# One digest for each table; all of them, so that none is forgotten when a migration adds one.
POSTGRES_DIGESTS = """
SELECT relname,
  md5(query_to_xml(format('SELECT * FROM %s AS t ORDER BY t::text', oid::regclass), true, false, '')::text)
FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""

# As many statements as there are tables; but which migrations were applied stays known.
POSTGRES_WIPE = """
SELECT format('DELETE FROM %s', oid::regclass) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'schema_migrations' \\gexec
"""


class Redis:
    """`redis("HGET", key, field)` asks the server at a unix socket, and connects anew after it was away."""

    def __init__(self, path):
        self._path = str(path)
        self._stream = None

    def __call__(self, *words):
        try:
            if self._stream is None:
                self._connect()
            return self._ask(words)
        except OSError:
            self.close()
            raise

    def fingerprint(self):
        digests = iter(self("EVAL", REDIS_DIGESTS, 0))
        return {f"redis {key}": digest for key, digest in zip(digests, digests)}

    def close(self):
        if self._stream is not None:
            stream, self._stream = self._stream, None
            with suppress(OSError):  # What it could not send any more.
                stream.close()

    def hash(self, key):
        words = iter(self("HGETALL", key))
        return dict(zip(words, words))

    def _connect(self):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(20)
            connection.connect(self._path)
            self._stream = connection.makefile("rwb")  # Keeps the connection open beyond this block.

    def _ask(self, words):
        encoded = [word if isinstance(word, bytes) else str(word).encode() for word in words]
        framed = b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)
        self._stream.write(b"*%d\r\n%s" % (len(encoded), framed))
        self._stream.flush()
        return self._reply()

    def _reply(self):
        line = self._stream.readline()
        if not line:
            raise ConnectionResetError("Redis hung up")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise AssertionError(f"Redis: {rest.decode()}")
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        if rest == b"-1":
            return None
        if kind == b"*":
            return [self._reply() for _ in range(int(rest))]
        return self._stream.read(int(rest) + 2)[:-2].decode(errors="backslashreplace")


class Postgres:
    """`postgres(sql)` gives the rows, each a list of texts, from one psql that stays open."""

    END = "end of the answer"

    def __init__(self, socket_folder, database="airship"):
        options = ["-XqAt", "-F", "\t", "-v", "ON_ERROR_STOP=1"]
        self._command = ["psql", *options, "-h", str(socket_folder), "-U", "postgres", database]
        self._psql = None

    def __call__(self, sql):
        if self._psql is None or self._psql.poll() is not None:
            self._psql = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
        self._psql.stdin.write(f"{sql}\n;\n\\echo {self.END}\n")
        self._psql.stdin.flush()
        rows = []
        for line in self._psql.stdout:
            if line == self.END + "\n":
                return rows
            rows.append(line.rstrip("\n").split("\t"))
        self.close()
        raise AssertionError(f"psql: {rows}")

    def wipe(self):
        self(POSTGRES_WIPE)

    def fingerprint(self):
        return {f"table {table}": digest for table, digest in self(POSTGRES_DIGESTS)}

    def close(self):
        if self._psql is not None:
            self._psql.communicate()
            self._psql = None
