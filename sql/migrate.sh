#!/usr/bin/env bash
# Brings a database to the newest schema: migrate.sh CONNINFO
#
# CONNINFO is a libpq connection string. The database may be empty, or made by the Python shop or by an earlier run: a
# migration is applied only once. The first run needs a superuser, later ones only the role airship.
set -euo pipefail

readonly CONNINFO=${1:?"usage: $0 CONNINFO"}
# Seconds for each host in the connection string. One that is off would take minutes.
export PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-5}
readonly LOCK=7203046  # Any number that nothing else in the database locks.
cd "$(dirname "$0")"
# shellcheck source=conninfo.sh
. ./conninfo.sh

fail() {
  printf 'migrate: %s\n' "$*" >&2
  exit 1
}

# Prints the input of the psql session. Each migration is one transaction, together with its row in schema_migrations.
#
# A migration whose first line is "-- no transaction" runs without one, because CREATE INDEX CONCURRENTLY must not be in
# one. If it fails, what it has done so far stays, and the next run begins it again. So it must first remove what an
# earlier run may have left, for example with DROP INDEX CONCURRENTLY IF EXISTS.
session() {
  local file version first begin commit
  cat <<SQL
\\set VERBOSITY terse
set client_min_messages = warning;
-- A shop that still runs on this database may hold locks; do not wait for ever.
set lock_timeout = '60s';
-- The lock is held until the session ends, so the second of two runs finds nothing to do. It tries again and again,
-- each time in a transaction of its own, because CREATE INDEX CONCURRENTLY waits for every transaction that began
-- before it, and so for one that waits for the lock.
do \$\$
begin
  for attempt in 1..600 loop
    if pg_try_advisory_lock($LOCK) then return; end if;
    commit;
    perform pg_sleep(0.1);
  end loop;
  raise 'another run is still at work';
end \$\$;
\\ir roles.sql
set role airship;
create table if not exists schema_migrations (version text primary key, applied_at timestamptz not null default now());
SQL
  for file in migrations/*.sql; do
    version=${file##*/}
    version=${version%.sql}
    begin='begin;' commit='commit;'
    read -r first <"$file" || true  # A file of one line may lack its end.
    [ "$first" != '-- no transaction' ] || begin='' commit=''
    cat <<SQL
$begin
select not exists (select from schema_migrations where version = '$version') as pending \\gset
\\if :pending
\\echo applying $version
\\i $file
insert into schema_migrations (version) values ('$version');
\\endif
$commit
SQL
  done
}

require_no_password "$CONNINFO"
session | psql -X -w -q -v ON_ERROR_STOP=1 -d "$CONNINFO"
