# shellcheck shell=bash
# PostgreSQL: a private cluster with the database "airship" and the newest schema.

# The roles: postgres administers, airship owns the tables and migrates, and the workers log in as orders. The user that
# runs make and PostgreSQL's own user may log in as any of them; the workers' user only as orders.
postgres_ident_map() {
  local user role
  for user in "$CALLER" "$POSTGRES_USER"; do
    for role in postgres airship orders; do
      echo "shop \"$user\" $role"
    done
  done | sort -u
  echo "shop \"$WORKERS_USER\" orders"
}

render_postgres() {
  render "$PROJECT/ops/dev/conf/postgresql.conf" >conf/postgresql.conf
  render "$PROJECT/ops/dev/conf/pg_hba.conf" >conf/pg_hba.conf
  postgres_ident_map >conf/pg_ident.conf
}

# The cluster gets its name only when it is complete. All writers wait while PostgreSQL makes a WAL file: some 30 ms for
# one of 16 MB, which is the default, and 9 ms for one of 4 MB.
create_cluster() {
  run_as "$POSTGRES_USER" rm -rf postgres/data.new
  attempt "PostgreSQL's initdb in $RUN_DIR/postgres" run_as "$POSTGRES_USER" \
    initdb --pgdata="$RUN_DIR/postgres/data.new" --username=postgres --auth=peer --encoding=UTF8 --locale=C.UTF-8 \
    --wal-segsize=4
  run_as "$POSTGRES_USER" mv postgres/data.new postgres/data
}

# Whether no process of a killed server is left. They lead sessions of their own, but stay in the data folder.
postgres_is_gone() {
  [ -z "$(find /proc -mindepth 2 -maxdepth 2 -name cwd -lname "$RUN_DIR/postgres/data" 2>/dev/null)" ]
}

# PostgreSQL does not start while the process that its lock files name is alive. By now that pid may be any process.
remove_stale_locks() {
  poll "$START_TIMEOUT" postgres_is_gone || fail "PostgreSQL's processes in $RUN_DIR/postgres/data do not end"
  run_as "$POSTGRES_USER" rm -f postgres/data/postmaster.pid postgres/.s.PGSQL.5432 postgres/.s.PGSQL.5432.lock
}

postgres_is_ready() {
  run_as "$POSTGRES_USER" pg_isready --quiet --host="$RUN_DIR/postgres"
}

# Waits: a server that has just started is not ready while it recovers.
is_whole_postgres() {
  [ -S postgres/.s.PGSQL.5432 ] && poll "$START_TIMEOUT" postgres_is_ready
}

start_postgres() {
  [ -d postgres/data ] || create_cluster
  remove_stale_locks
  start_daemon postgres "$POSTGRES_USER" \
    postgres -D "$RUN_DIR/postgres/data" -c "config_file=$RUN_DIR/conf/postgresql.conf" </dev/null
  wait_until_ready postgres postgres_is_ready
}

administer() {
  (unset "${!PG@}" && "$@")
}

migrate_database() {
  local server="host=$RUN_DIR/postgres user=postgres" found
  found=$(administer psql -X -At -d "$server dbname=postgres" -c "select 1 from pg_database where datname = 'airship'") ||
    fail "PostgreSQL does not list its databases"
  if [ -z "$found" ]; then
    attempt "creating the database" administer psql -X -q -d "$server dbname=postgres" -c 'create database airship'
  fi
  attempt "migrating the database" administer "$PROJECT/sql/migrate.sh" "$server dbname=airship"
}

up_postgres() {
  create_log postgres
  render_postgres
  ensure_running postgres "$(fingerprint conf/postgresql.conf conf/pg_*.conf)"
  migrate_database
}
