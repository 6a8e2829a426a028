"""Rights in PostgreSQL: a hijacked worker can do no more than the worker's own statements do."""

import re
import subprocess

import pytest

from shop.dev_stack import IS_ROOT, identity
from shop.stack import READ, ROOT

ALLOWED = [
    "SELECT * FROM orders, order_details, stock_movements, idempotency_keys LIMIT 1",
    "INSERT INTO orders DEFAULT VALUES",
    "UPDATE orders SET version = version + 1, updated_at = timezone('utc', now())",
    "UPDATE order_details SET price = 1, quantity = 2, updated_at = timezone('utc', now())",
    "DELETE FROM orders",
    "DELETE FROM stock_movements",
    "DELETE FROM idempotency_keys",
]
DENIED = [
    "CREATE TABLE mine (id int)",
    "CREATE TEMP TABLE mine (id int)",
    "SELECT * INTO TEMP mine FROM orders",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE EXTENSION pgcrypto",
    "CREATE SCHEMA mine",
    "CREATE ROLE mine",
    "ALTER TABLE orders ADD mine int",
    "DROP TABLE order_details",
    "TRUNCATE orders, order_details",
    "CREATE INDEX ON orders (version)",
    "CREATE TRIGGER mine AFTER INSERT ON orders EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "SELECT setval('orders_id_seq', 1)",
    "SELECT lo_create(0)",
    "SELECT lo_creat(-1)",
    "SELECT lo_from_bytea(0, 'mine')",
    "SELECT lo_import('/etc/passwd')",
    "UPDATE orders SET id = 1",
    "UPDATE orders SET created_at = now()",
    "UPDATE order_details SET order_id = 1",
    "UPDATE order_details SET product_id = 'mine'",
    "UPDATE stock_movements SET kind = 'cancelled'",
    "UPDATE idempotency_keys SET order_id = 1",
    "SELECT * FROM schema_migrations",
    "DELETE FROM schema_migrations",
    "SET ROLE airship",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "SELECT pg_reload_conf()",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('.')",
    "SET log_statement = 'all'",
    "SELECT rolpassword FROM pg_authid",
    "COPY orders TO '/tmp/orders'",
    "COPY orders TO PROGRAM 'cat'",
    "COPY orders FROM PROGRAM 'cat'",
]

REFUSED = re.compile("permission denied|must be owner|must be superuser")


def as_role(shop, role, statement, user=None, database="airship"):
    """Runs the statement in a transaction and rolls it back."""
    session = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", shop.run_dir / "postgres", "-U", role, database]
    return subprocess.run([*session, "-c", "BEGIN", "-c", statement, "-c", "ROLLBACK"], **READ, **identity(user))


@pytest.fixture(scope="module")
def server(shared_stack):
    shared_stack.up()
    return shared_stack


def test_workers_log_in_as_orders(server):
    assert server.api("GET /orders").status == 200
    users = "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'airship' AND pid <> pg_backend_pid()"
    assert server.postgres(users) == [("orders",)]


@pytest.mark.parametrize("statement", ALLOWED)
def test_orders_may(server, statement):
    done = as_role(server, "orders", statement)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("statement", DENIED)
def test_orders_may_not(server, statement):
    done = as_role(server, "orders", statement)
    assert done.returncode != 0
    assert REFUSED.search(done.stdout), done.stdout


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_orders_may_use_one_database_only(server, database):
    done = as_role(server, "orders", "SELECT 1", database=database)
    assert done.returncode != 0 and "no pg_hba.conf entry" in done.stdout, done.stdout


def test_public_has_no_rights(server):
    """Neither on the shop's database, its schema and everything in it, nor by default on what is created later."""
    acls = "SELECT 'database', datacl FROM pg_database WHERE datname = current_database()"
    acls += " UNION ALL SELECT 'schema', nspacl FROM pg_namespace WHERE nspname = 'public'"
    acls += " UNION ALL SELECT relname, relacl FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    assert server.postgres(f"SELECT * FROM ({acls}) AS acl (name, acl), aclexplode(acl) WHERE grantee = 0") == []
    assert server.postgres("SELECT * FROM pg_default_acl") == []


def test_a_migration_takes_the_rights_of_public_away(server):
    """A database of an earlier version has such rights. The workers keep theirs."""
    server.postgres(
        """
        GRANT ALL ON DATABASE airship TO public; GRANT ALL ON SCHEMA public TO public;
        GRANT EXECUTE ON FUNCTION lo_create(oid) TO public; REVOKE USAGE ON SCHEMA public FROM orders
        """
    )
    assert as_role(server, "orders", "CREATE TEMP TABLE mine (id int)").returncode == 0
    conninfo = f"host={server.run_dir}/postgres user=postgres dbname=airship"
    assert subprocess.run([ROOT / "sql/migrate.sh", conninfo], capture_output=True).returncode == 0
    test_public_has_no_rights(server)
    for statement in DENIED:
        test_orders_may_not(server, statement)
    for statement in ALLOWED:
        test_orders_may(server, statement)


@pytest.mark.parametrize("role", ["orders", "airship"])
def test_roles_have_no_powers(server, role):
    powers = "rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
    assert server.postgres(f"SELECT {powers} FROM pg_roles WHERE rolname = '{role}'") == [(False,) * 5]
    assert server.postgres(f"SELECT count(*) FROM pg_auth_members WHERE member = '{role}'::regrole") == [(0,)]


def test_which_user_may_log_in_as_which_role(server):
    """Peer authentication: the user of the operating system decides, not a password."""
    logins = {("root", "orders"): True, ("root", "airship"): True, ("airship-shop", "orders"): True}
    logins |= {("airship-shop", "airship"): False, ("airship-shop", "postgres"): False}
    if not IS_ROOT:  # The only user may log in as every role.
        logins = {(None, role): True for role in ("orders", "airship", "postgres")}
    for (user, role), may in logins.items():
        done = as_role(server, role, "SELECT 1", user)
        assert (done.returncode == 0) == may, (user, role, done.stdout)
        assert may or "Peer authentication failed" in done.stdout, done.stdout
