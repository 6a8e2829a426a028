#!/usr/bin/env bash
# Restores a backup into empty stores that run:
#
#   restore.sh [--postgres CONNINFO] [--redis SOCKET|HOST:PORT] FOLDER
#
# The default is the development stack in RUN_DIR. Needs the role that owns the database, and Debian's redis-server on
# this machine. Nobody should use the shop meanwhile. A store that is not empty is left as it is. Where Redis has users,
# REDIS_USERNAME and REDIS_PASSWORD_FILE say who logs in.
#
# Somebody else may have made or changed a backup. pg_restore runs whatever the dump says, even functions of the dump's
# own, so it gets no more rights than the database's owner has. The snapshot is read by a Redis of its own, as a user
# that owns nothing except Redis' files.
#
# Redis gets its keys as commands over the connection. So it may run on another machine, and it keeps them when it
# restarts, because it writes them to its append-only file. PostgreSQL comes first, and the pending movements come
# last: the reconciler, which may already run, finds them together with all that it needs to finish them.
set -euo pipefail
umask 077
# shellcheck source=lib/stores.sh
. "$(dirname "$0")/lib/stores.sh"

readonly LOAD_TIMEOUT=3600  # Seconds.
readonly PENDING=stock:pending
readonly HELD_BACK=restore:$PENDING

fail_halfway() {
  fail "$* (the restore is incomplete: empty both stores and start again)"
}

# Fails unless the backup's files are whole, and SHA256SUMS lists them and no other file.
require_whole_backup() {
  local file
  for file in SHA256SUMS redis.rdb postgres.dump; do
    [ -f "$FOLDER/$file" ] || fail "not a complete backup: there is no file $FOLDER/$file"
    [ ! -L "$FOLDER/$file" ] || fail "not a complete backup: $FOLDER/$file is a link"
  done
  [ "$(sed -E 's/^[0-9a-f]{64} [ *]//' "$FOLDER/SHA256SUMS" | sort)" = $'postgres.dump\nredis.rdb' ] ||
    fail "not a complete backup: SHA256SUMS must list redis.rdb and postgres.dump, and nothing else"
  (cd "$FOLDER" && sha256sum --check --quiet --strict SHA256SUMS) || fail "not a complete backup: $FOLDER"
}

require_no_superuser() {
  local superuser
  superuser=$(run_sql -c 'select rolsuper from pg_roles where rolname = current_user') ||
    fail "PostgreSQL does not answer a query"
  [ "$superuser" = f ] || fail "a superuser would run whatever the dump says: restore as the database's owner"
}

require_empty_postgres() {
  local rows
  rows=$(
    run_sql <<'SQL'
select 'select ''' || relname || ''' where exists (select from ' || oid::regclass || ')' from pg_class
where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'schema_migrations' \gexec
SQL
  ) || fail "PostgreSQL does not answer a query"
  [ -z "$rows" ] || fail "PostgreSQL is not empty: there are ${rows//$'\n'/, }"
}

require_empty_redis() {
  local keys
  keys=$(ask_redis DBSIZE) || fail "Redis does not answer"
  [ "$keys" = 0 ] || fail "Redis is not empty: it has $keys keys"
}

# Restores everything except the rights to PostgreSQL's own functions. Those are not the owner's to set, and
# sql/roles.sql has already set them.
restore_postgres() {
  pg_restore --list "$FOLDER/postgres.dump" | grep -v ' ACL pg_catalog ' >"$SCRATCH/list" || fail "PostgreSQL is as it was"
  show_progress PostgreSQL <"$FOLDER/postgres.dump" |
    pg_restore --no-password --clean --if-exists --no-owner --single-transaction --exit-on-error \
      --use-list="$SCRATCH/list" --dbname="$POSTGRES" || fail "PostgreSQL is as it was"
  "$PROJECT/sql/migrate.sh" "$POSTGRES" || fail_halfway "PostgreSQL cannot be migrated"
  run_sql -c "set client_min_messages = 'error'" -c analyze  # The server's own tables are not the owner's.
}

# exec_as_reader COMMAND...: runs in the reader's folder. The reader can make any name there a link, so only the reader
# follows names there.
exec_as_reader() {
  cd "$SCRATCH/redis" && exec "${READER[@]}" env -i "PATH=$PATH" "$@"
}

make_scratch() {
  READER=()
  SCRATCH=$(mktemp -d)
  trap clean_up EXIT
  mkdir "$SCRATCH/redis"
  cp "$FOLDER/redis.rdb" "$SCRATCH/redis/redis.rdb"
  if [ "$EUID" -eq 0 ]; then
    READER=(setpriv --reuid=redis --regid=redis --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs --)
    chown -R redis "$SCRATCH/redis" || fail "there is no user redis: Debian's redis-server makes it"
  fi
}

scratch_redis() {
  (exec_as_reader redis-cli -e -s redis.sock "$@")
}

# wait_for_scratch WHAT CONDITION...
wait_for_scratch() {
  local what=$1 deadline=$((SECONDS + LOAD_TIMEOUT))
  shift
  until "$@"; do
    kill -0 "$SCRATCH_PID" 2>/dev/null || fail_halfway "$what: $(tail -n 1 "$SCRATCH/log")"
    [ "$SECONDS" -lt "$deadline" ] || fail_halfway "$what: not within $LOAD_TIMEOUT s"
    sleep 0.1
  done
}

has_loaded() {
  [ "$(scratch_redis PING 2>&1)" = PONG ]
}

has_written_commands() {
  [ "$(info_of aof_enabled scratch_redis)" = 1 ] && [ "$(info_of aof_rewrite_scheduled scratch_redis)" = 0 ] &&
    [ "$(info_of aof_rewrite_in_progress scratch_redis)" = 0 ]
}

# A Redis of its own reads the snapshot and writes it out again as commands. It has no other configuration: no TCP, and
# by default no modules and no DEBUG. The paths are relative, because it may not enter the folder above.
write_commands() {
  (exec_as_reader redis-server --port 0 --unixsocket redis.sock --dir . --dbfilename redis.rdb --save '' \
    --appendonly no --aof-use-rdb-preamble no) >"$SCRATCH/log" 2>&1 </dev/null &
  SCRATCH_PID=$!
  wait_for_scratch "reading redis.rdb" has_loaded
  if [ "$(scratch_redis EXISTS "$PENDING")" = 1 ]; then
    scratch_redis RENAME "$PENDING" "$HELD_BACK" >/dev/null
  fi
  scratch_redis CONFIG SET appendonly yes >/dev/null
  wait_for_scratch "writing Redis' commands" has_written_commands
  [ "$(info_of aof_last_bgrewrite_status scratch_redis)" = ok ] || fail_halfway "writing Redis' commands"
}

restore_redis() {
  local said
  write_commands
  said=$( (exec_as_reader sh -c 'cat appendonlydir/*.base.aof') | show_progress Redis | "${REDIS[@]}" --pipe 2>&1) ||
    fail_halfway "Redis: $(tail -n 1 <<<"$said")"
  [ "$(ask_redis DBSIZE)" = "$(scratch_redis DBSIZE)" ] || fail_halfway "Redis does not have as many keys as the backup"
  if [ "$(ask_redis EXISTS "$HELD_BACK")" = 1 ]; then
    ask_redis RENAME "$HELD_BACK" "$PENDING" >/dev/null
  fi
}

clean_up() {
  if [ -n "${SCRATCH_PID:-}" ]; then
    kill -KILL "$SCRATCH_PID" 2>/dev/null || true
    wait "$SCRATCH_PID" 2>/dev/null || true
  fi
  rm -rf "$SCRATCH"
}

main() {
  parse_arguments "$@"
  require_whole_backup
  require_redis
  require_empty_redis
  require_empty_postgres
  require_no_superuser
  make_scratch

  restore_postgres
  restore_redis
  echo "restored from $FOLDER"
}

main "$@"
