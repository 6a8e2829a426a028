"""Who may do what in PostgreSQL: a worker that is taken over can do no more than the worker's own statements do."""

import subprocess

import pytest

from dev_stack import IS_ROOT, identity

ALLOWED = [
    "SELECT * FROM orders, order_details, stock_movements, idempotency_keys LIMIT 1",
    "INSERT INTO orders DEFAULT VALUES",
    "UPDATE orders SET version = version + 1",
    "DELETE FROM orders",
    "DELETE FROM stock_movements",
    "DELETE FROM idempotency_keys",
]
DENIED = [
    "CREATE TABLE mine (id int)",
    "CREATE SCHEMA mine",
    "CREATE ROLE mine",
    "ALTER TABLE orders ADD mine int",
    "DROP TABLE order_details",
    "TRUNCATE orders, order_details",
    "CREATE INDEX ON orders (version)",
    "CREATE TRIGGER mine AFTER INSERT ON orders EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "SELECT setval('orders_id_seq', 1)",
    "UPDATE stock_movements SET kind = 'cancelled'",
    "UPDATE idempotency_keys SET order_id = 1",
    "SELECT * FROM schema_migrations",
    "DELETE FROM schema_migrations",
    "SET ROLE airship",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "SELECT pg_reload_conf()",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT rolpassword FROM pg_authid",
    "COPY orders TO '/tmp/orders'",
    "COPY orders TO PROGRAM 'cat'",
]


def as_role(shop, role, statement, user=None):
    """Runs the statement in a transaction that is taken back."""
    return subprocess.run(
        ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", shop.run_dir / "postgres", "-U", role, "-c", "BEGIN",
         "-c", statement, "-c", "ROLLBACK", "airship"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **identity(user),
    )  # fmt: skip


@pytest.fixture(scope="module")
def server(shared_stack):
    shared_stack.up()
    return shared_stack


def test_workers_log_in_as_orders(server):
    assert server.api("GET /orders").status == 200
    users = server.postgres("SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'airship' AND pid <> pg_backend_pid()")
    assert users == [["orders"]]


@pytest.mark.parametrize("statement", ALLOWED)
def test_orders_may(server, statement):
    done = as_role(server, "orders", statement)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("statement", DENIED)
def test_orders_may_not(server, statement):
    done = as_role(server, "orders", statement)
    assert done.returncode != 0
    assert "permission denied" in done.stdout or "must be owner" in done.stdout or "must be superuser" in done.stdout, done.stdout


@pytest.mark.parametrize("role", ["orders", "airship"])
def test_roles_have_no_powers(server, role):
    powers = "rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
    assert server.postgres(f"SELECT {powers} FROM pg_roles WHERE rolname = '{role}'") == [["f"] * 5]
    assert server.postgres(f"SELECT count(*) FROM pg_auth_members WHERE member = '{role}'::regrole") == [["0"]]


def test_who_may_be_whom(server):
    """Peer authentication: the user of the operating system counts, and no password."""
    logins = {("root", "orders"): True, ("root", "airship"): True, ("www-data", "orders"): True}
    logins |= {("www-data", "airship"): False, ("www-data", "postgres"): False, ("nobody", "orders"): False}
    if not IS_ROOT:  # Then there is only one user, who is everybody.
        logins = {(None, role): True for role in ("orders", "airship", "postgres")}
    for (user, role), may in logins.items():
        done = as_role(server, role, "SELECT 1", user)
        assert (done.returncode == 0) == may, (user, role, done.stdout)
        assert may or "Peer authentication failed" in done.stdout, done.stdout
