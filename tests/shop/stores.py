"""The contents of the shop's stores, read without the shop."""

import time
from contextlib import contextmanager

import psycopg2
import redis

# One digest for each key of any type.
REDIS_DIGESTS = """
local digests = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  table.insert(digests, key)
  table.insert(digests, redis.sha1hex(redis.call('DUMP', key)))
end
return digests
"""

# All tables, also those that later migrations add.
TABLES = "FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
# One digest for each table.
POSTGRES_DIGESTS = f"""
SELECT 'table ' || relname,
  md5(query_to_xml(format('SELECT * FROM %s AS t ORDER BY t::text', oid::regclass), true, false, '')::text)
{TABLES}
"""
# schema_migrations stays: it says which migrations were applied.
POSTGRES_WIPES = f"SELECT format('DELETE FROM %s', oid::regclass) {TABLES} AND relname <> 'schema_migrations'"

# As the Python shop's SQLAlchemy and alembic made it, with their types, sequences and tables.
PYTHON_SHOP_TABLES = """
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('dd33cb03d01f');
CREATE TABLE orders (
  id serial NOT NULL,
  created_at timestamp without time zone NOT NULL,
  updated_at timestamp without time zone NOT NULL,
  PRIMARY KEY (id)
);
CREATE TABLE order_details (
  id serial NOT NULL,
  order_id integer NOT NULL,
  product_id varchar NOT NULL,
  price numeric(18, 2) NOT NULL,
  quantity integer NOT NULL,
  created_at timestamp without time zone NOT NULL,
  updated_at timestamp without time zone NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT fk_order_details_orders FOREIGN KEY (order_id) REFERENCES orders (id)
);
"""


class Postgres:
    """`postgres(sql)` returns the rows. All calls use one session; after its connection was lost they open a new one.
    Each call is its own transaction, unless the caller has sent BEGIN."""

    def __init__(self, socket_folder, database="airship"):
        self._where = {"host": str(socket_folder), "user": "postgres", "dbname": database}
        self._connection = None
        self._digested = None  # The snapshot that digests() has seen last, and the digests.

    def __call__(self, sql):
        if self._connection is None or self._connection.closed:
            self._connection = psycopg2.connect(**self._where)
            self._connection.autocommit = True
            self._digested = None  # It may be another server.
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def digests(self):
        """One digest for each table. The snapshot names the transactions whose changes are to be seen. While it is the
        same, so are the tables, and nobody looks into them: they are asked for twice with most requests of the tests.
        """
        ((snapshot,),) = self("SELECT pg_current_snapshot()")
        if self._digested is None or self._digested[0] != snapshot:
            self._digested = snapshot, dict(self(POSTGRES_DIGESTS))
        return self._digested[1]

    def close(self):
        if self._connection is not None:
            self._connection.close()


def redis_client(socket):
    """Connects at the first command, and again after Redis was away."""
    options = {"decode_responses": True, "encoding_errors": "backslashreplace", "socket_timeout": 20}
    return redis.Redis(unix_socket_path=str(socket), **options)


def wipe(redis, postgres):
    redis.flushall()
    postgres(";".join(wipe for (wipe,) in postgres(POSTGRES_WIPES)))


def fingerprint(redis, postgres):
    """Digests of everything that is stored: equal fingerprints mean equal stores."""
    digests = iter(redis.eval(REDIS_DIGESTS, 0))
    return dict(zip(digests, digests)) | postgres.digests()


def events(redis):
    """The entries of the stream of events, oldest first. Each is a dict of its fields."""
    return [fields for _, fields in redis.xrange("orders:events")]


def held(postgres):
    """The quantity that the existing orders hold, by product."""
    return dict(postgres("SELECT product_id, sum(quantity) FROM order_details GROUP BY product_id"))


def movement_id(number):
    """A UUID of version 7 with the current time: the reconciler removes what is old."""
    text = f"{time.time_ns() // 1_000_000:012x}7000800000000000{number:04x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def reconciler_looks(redis):
    """How often the reconciler has looked for pending movements."""

    return redis.info("commandstats").get("cmdstat_hscan", {"calls": 0})["calls"]


@contextmanager
def full_redis(stack):
    """A Redis that takes no writes, for the `with` block."""
    stack.redis.config_set("maxmemory", "1")
    try:
        yield
    finally:
        stack.redis.config_set("maxmemory", "1gb")
