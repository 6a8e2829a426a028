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
session() {
  local file version
  cat <<SQL
\\set VERBOSITY terse
set client_min_messages = warning;
-- Instead of waiting for ever behind a shop that still runs on this database.
set lock_timeout = '60s';
-- Held until the session ends: of two runs at once, the second finds nothing left to do.
select pg_advisory_lock($LOCK) \\g /dev/null
\\ir roles.sql
set role airship;
create table if not exists schema_migrations (version text primary key, applied_at timestamptz not null default now());
SQL
  for file in migrations/*.sql; do
    version=$(basename "$file" .sql)
    cat <<SQL
begin;
select not exists (select from schema_migrations where version = '$version') as pending \\gset
\\if :pending
\\echo applying $version
\\i $file
insert into schema_migrations (version) values ('$version');
\\endif
commit;
SQL
  done
}

require_no_password "$CONNINFO"
session | psql -X -w -q -v ON_ERROR_STOP=1 -d "$CONNINFO"
