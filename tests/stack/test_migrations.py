"""sql/migrate.sh gives any earlier database the same schema and keeps every row."""

import subprocess
from contextlib import closing

import pytest

from shop.stack import READ, ROOT, run, wait_for
from shop.stores import PYTHON_SHOP_TABLES, Postgres

PYTHON_SHOP = f"""
{PYTHON_SHOP_TABLES}
INSERT INTO orders (created_at, updated_at)
  SELECT timestamp '2020-02-29 12:34:56.789' + n * interval '1 day', timestamp '2021-01-01' FROM generate_series(1, 50) AS n;
INSERT INTO order_details (order_id, product_id, price, quantity, created_at, updated_at)
  SELECT n, 'product ' || n, n + 0.99, round, now(), now() FROM generate_series(1, 2) AS round, generate_series(1, 50) AS n
"""

# As the very first version of the Python shop made it: without times, and with numbers as product ids.
OLDEST_SHOP = """
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('dd33cb03d01f');
CREATE TABLE orders (id serial NOT NULL PRIMARY KEY);
CREATE TABLE order_details (
  id serial NOT NULL PRIMARY KEY,
  order_id integer NOT NULL,
  product_id integer NOT NULL,
  price numeric(18, 2) NOT NULL,
  quantity integer NOT NULL,
  CONSTRAINT fk_order_details_orders FOREIGN KEY (order_id) REFERENCES orders (id)
);
INSERT INTO orders SELECT FROM generate_series(1, 50);
INSERT INTO order_details (order_id, product_id, price, quantity)
  SELECT n, 1000 + n, n + 0.99, round FROM generate_series(1, 2) AS round, generate_series(1, 50) AS n
"""

# Traces of years of use: orders without details, and unused ids, the highest ones too.
GAPS = """
UPDATE order_details SET price = 9999999999999999.99, quantity = 2147483647 WHERE order_id = 3;
DELETE FROM order_details WHERE order_id IN (7, 8, 50);
DELETE FROM orders WHERE id IN (8, 50);
"""
HIGHEST = {"orders": 50, "order_details": 100}
OLD = {"python_shop": PYTHON_SHOP + ";" + GAPS, "oldest_shop": OLDEST_SHOP + ";" + GAPS}

# Columns that every version has, and those that only the later ones have.
COMMON = {"orders": "id", "order_details": "id, order_id, product_id::text, price, quantity"}
TIMES = ", created_at, updated_at"


class Databases:
    """Test databases on the shop's PostgreSQL server."""

    def __init__(self, server, sql=ROOT / "sql"):
        self.server = server
        self._sql = sql
        self._names = []
        self._administration = Postgres(server, database="postgres")

    def create(self, name, contents=""):
        """The owner is not one of the shop's roles, as in the Python shop's databases."""
        self._administration(f"CREATE DATABASE {name}")
        self._names.append(name)
        return self.query(name, contents) if contents else None

    def query(self, name, sql):
        """Opens a new session: an older one would not see new roles and owners."""
        with closing(Postgres(self.server, database=name)) as database:
            return database(sql)

    def start_migration(self, name):
        command = [self._sql / "migrate.sh", f"host={self.server} user=postgres dbname={name}"]
        return subprocess.Popen(command, **READ)

    def migrate(self, name, runs=1):
        """Runs `runs` migrations at once. Returns the output of each."""
        processes = [self.start_migration(name) for _ in range(runs)]
        outputs = [process.communicate(timeout=60)[0] for process in processes]
        assert [process.returncode for process in processes] == [0] * runs, outputs
        return outputs

    def failing_migration(self, name):
        """Runs a migration, which must fail. Returns its output."""
        process = self.start_migration(name)
        output, _ = process.communicate(timeout=60)
        assert process.returncode != 0
        return output

    def dump(self, name, *options):
        where = ["-h", self.server, "-U", "postgres"]
        status, output = run("pg_dump", *where, "--exclude-table=alembic_version", *options, name)
        assert status == 0, output
        # Newer versions of pg_dump put the dump between two lines with a random word.
        return [line for line in output.splitlines() if not line.startswith(("\\restrict ", "\\unrestrict "))]

    def rows(self, name, table, columns):
        return self.query(name, f"SELECT {columns} FROM {table} ORDER BY id")

    def close(self):
        for name in self._names:
            self._administration(f"DROP DATABASE {name} WITH (FORCE)")
        self._administration.close()


# A migration that runs outside a transaction.
ALIKE = """-- no transaction
drop index concurrently if exists alike;
create unique index concurrently alike on order_details (order_id, product_id, quantity);
"""
IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('alike')"


@pytest.fixture
def databases_with_alike(shop, checkout):
    (checkout.folder / "sql/migrations/9999_alike.sql").write_text(ALIKE)
    with closing(Databases(shop.run_dir / "postgres", checkout.folder / "sql")) as databases:
        yield databases


@pytest.fixture
def databases(shop):
    with closing(Databases(shop.run_dir / "postgres")) as databases:
        yield databases


@pytest.mark.parametrize("kind", OLD)
def test_an_old_database_keeps_its_rows_and_gets_the_schema(databases, kind):
    databases.create("old", OLD[kind])
    columns = {table: names + (TIMES if kind == "python_shop" else "") for table, names in COMMON.items()}
    before = {table: databases.rows("old", table, names) for table, names in columns.items()}
    databases.migrate("old")

    assert {table: databases.rows("old", table, names) for table, names in columns.items()} == before
    assert databases.query("old", "SELECT version_num FROM alembic_version") == [("dd33cb03d01f",)]
    assert databases.query("old", "SELECT count(*) FROM orders WHERE created_at > now() OR version <> 0") == [(0,)]
    for table, highest in HIGHEST.items():
        # The next id follows the highest id that was ever used: no id is used again.
        assert databases.query("old", f"SELECT nextval('{table}_id_seq')") == [(highest + 1,)]

    databases.create("fresh")
    databases.migrate("fresh")
    assert schema(databases, "old") == schema(databases, "fresh")


def schema(databases, name):
    """The lines of pg_dump, sorted: the order of a table's columns depends on when they were added."""
    return sorted(line.rstrip(",") for line in databases.dump(name, "--schema-only"))


@pytest.mark.parametrize("kind", ["fresh", *OLD])
def test_migrating_again_changes_nothing(databases, kind):
    databases.create("again", OLD.get(kind, ""))
    first = databases.migrate("again")[0]
    migrations = list((ROOT / "sql/migrations").iterdir())
    assert [line.split()[0] for line in first.splitlines()] == ["applying"] * len(migrations)
    before = databases.dump("again")
    assert databases.migrate("again") == [""]
    assert databases.dump("again") == before


@pytest.mark.parametrize("kind", ["fresh", *OLD])
def test_two_migrations_at_once(databases, kind):
    databases.create("twice", OLD.get(kind, ""))
    databases.create("once", OLD.get(kind, ""))
    outputs = databases.migrate("twice", runs=2)
    databases.migrate("once")
    assert sorted(map(bool, outputs)) == [False, True], "one run does everything, the other finds nothing to do"
    assert databases.dump("twice", "--schema-only") == databases.dump("once", "--schema-only")
    for table, names in COMMON.items():
        assert databases.rows("twice", table, names) == databases.rows("once", table, names)


def test_a_migration_that_fails_leaves_the_database_as_it_was(databases):
    """Here because of a row without a product. No price can be too large: the type of that column has never changed."""
    databases.create("broken", OLDEST_SHOP.replace("product_id integer NOT NULL", "product_id integer"))
    databases.query("broken", "UPDATE order_details SET product_id = NULL WHERE id = 5")
    assert '"product_id"' in databases.failing_migration("broken")
    names = "SELECT column_name FROM information_schema.columns WHERE table_name = 'orders'"
    assert databases.query("broken", names) == [("id",)]
    assert databases.query("broken", "SELECT count(*) FROM schema_migrations WHERE version >= '0002'") == [(0,)]

    databases.query("broken", "UPDATE order_details SET product_id = 1 WHERE id = 5")
    databases.migrate("broken")


def test_a_migration_without_a_transaction_that_fails_half_way_is_run_again(databases_with_alike):
    databases = databases_with_alike
    databases.create("alike", PYTHON_SHOP + ";UPDATE order_details SET quantity = 1")
    assert 'could not create unique index "alike"' in databases.failing_migration("alike")
    assert databases.query("alike", IS_VALID) == [(False,)], "half of it is left"

    databases.query("alike", "UPDATE order_details SET quantity = id")
    assert databases.migrate("alike") == ["applying 9999_alike\n"]
    assert databases.query("alike", IS_VALID) == [(True,)]
    assert databases.migrate("alike") == [""]


def test_a_waiting_run_does_not_block_an_index_that_another_builds_concurrently(databases, databases_with_alike):
    databases.create("busy")
    databases.migrate("busy")
    writer = Postgres(databases.server, database="busy")
    writer("BEGIN; LOCK TABLE order_details IN ROW EXCLUSIVE MODE")
    runs = [databases_with_alike.start_migration("busy")]
    wait_for_query(databases, "create unique index concurrently")
    runs.append(databases_with_alike.start_migration("busy"))
    wait_for_query(databases, "advisory_lock")
    writer("COMMIT")
    writer.close()
    outputs = [run.communicate(timeout=60)[0] for run in runs]
    assert outputs == ["applying 9999_alike\n", ""]
    assert databases.query("busy", IS_VALID) == [(True,)]


def wait_for_query(databases, query):
    asked = (
        f"SELECT 1 FROM pg_stat_activity WHERE query LIKE '%{query}%' AND pid <> pg_backend_pid() AND state = 'active'"
    )
    wait_for(lambda: databases.query("busy", asked) != [], query)
