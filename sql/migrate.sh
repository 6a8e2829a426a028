#!/usr/bin/env bash
# Brings a database to the newest schema: migrate.sh CONNINFO
#
# CONNINFO is libpq's. The database may be empty, may have been made by the Python shop, or by an earlier run: what has
# been applied is not applied again. The first run needs a superuser, later ones only the role airship.
set -euo pipefail

readonly CONNINFO=${1:?"usage: $0 CONNINFO"}
readonly LOCK=7203046  # Any number, as long as nothing else in the database locks it.
cd "$(dirname "$0")"
# shellcheck source=conninfo.sh
. ./conninfo.sh

fail() {
  printf 'migrate: %s\n' "$*" >&2
  exit 1
}

# The psql session that does it all. Each migration is one transaction, with its entry in schema_migrations.
#
# One whose first line is "-- no transaction" is none, as CREATE INDEX CONCURRENTLY must not be in one. If it breaks, what
# it has done so far stays, and the next run begins it anew: it has to remove first what an earlier run may have left, as
# by DROP INDEX CONCURRENTLY IF EXISTS.
session() {
  local file version begin commit
  cat <<SQL
\\set VERBOSITY terse
set client_min_messages = warning;
-- Instead of waiting for ever behind a shop that still runs on this database.
set lock_timeout = '60s';
-- Held until the session ends: of two runs at once, the second finds nothing left to do. It asks again and again, each
-- time in a transaction of its own: CREATE INDEX CONCURRENTLY waits for all that began before it, and so for one that
-- waits for the lock.
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
    version=$(basename "$file" .sql)
    begin='begin;' commit='commit;'
    [ "$(head -n 1 "$file")" != '-- no transaction' ] || begin='' commit=''
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
