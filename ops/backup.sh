#!/usr/bin/env bash
# Backs both stores up, as they were at one moment, while the shop runs:
#
#   backup.sh [--postgres CONNINFO] [--redis SOCKET|HOST:PORT] FOLDER
#
# FOLDER must not exist; it appears when the backup is complete. Without the options, of the development stack in
# RUN_DIR. Needs a role that may read the whole database, and read access to Redis's folder: it runs on Redis's machine.
#
# One moment: what a write of an order takes from the stock is noted in Redis until PostgreSQL has recorded it. While
# Redis takes no writes, none is reserved, confirmed or released; whatever was confirmed is recorded, and whatever is
# not is noted. So a snapshot of PostgreSQL that is taken while Redis stands still fits what Redis holds: after a
# restore the reconciler finishes what was under way. Both snapshots take milliseconds; they are written out later.
set -euo pipefail
umask 077  # Customers' orders.
# shellcheck source=lib/stores.sh
. "$(dirname "$0")/lib/stores.sh"

readonly PAUSE_MS=400  # Ends by itself, should this die; shorter than REDIS_TIMEOUT_MS, so that workers wait it out.
readonly ATTEMPTS=5
readonly ANSWER_TIMEOUT=10   # Seconds.
readonly SAVE_TIMEOUT=3600   # Seconds; 100 GB take less.

# One psql that stays open: the snapshot that it exports lives as long as its transaction.
open_session() {
  coproc PSQL { exec psql -X -q -At -v ON_ERROR_STOP=1 -d "$POSTGRES" -f - 2>&1; }
  SESSION=$PSQL_PID  # Bash forgets its own variable when the session ends.
  ask_session "select pg_try_advisory_lock($BACKUP_LOCK);"
  [ "$ANSWER" = t ] || fail "another backup is under way"
}

# ask_session SQL: sets ANSWER, one line.
ask_session() {
  { echo "$1" >&"${PSQL[1]}"; } 2>/dev/null || fail "PostgreSQL has hung up"
  read -r -t "$ANSWER_TIMEOUT" ANSWER <&"${PSQL[0]}" || fail "PostgreSQL does not answer"
  [[ ! $ANSWER =~ (ERROR|FATAL|error): ]] || fail "PostgreSQL: $ANSWER"
}

is_forking() {
  [ "$(info_of rdb_bgsave_in_progress ask_redis)$(info_of aof_rewrite_in_progress ask_redis)" != 00 ]
}

wait_for_redis() {
  local deadline=$((SECONDS + SAVE_TIMEOUT))
  while is_forking; do
    [ "$SECONDS" -lt "$deadline" ] || fail "Redis is still writing a snapshot after $SAVE_TIMEOUT s"
    sleep 0.1
  done
}

# Sets SNAPSHOT, PostgreSQL's, and PAUSED_US. False if Redis has not kept still, or would not make a snapshot.
take_snapshots() {
  local begin saving
  # PostgreSQL takes the snapshot at the first statement after this.
  ask_session "begin isolation level repeatable read read only; \\echo begun"
  begin=${EPOCHREALTIME/[.,]/}
  ask_redis CLIENT PAUSE "$PAUSE_MS" WRITE >/dev/null || fail "Redis cannot be paused"
  ask_session "select pg_export_snapshot();"
  SNAPSHOT=$ANSWER
  saving=$(ask_redis BGSAVE 2>&1) || true  # Answers when the copy of the process is made.
  PAUSED_US=$((${EPOCHREALTIME/[.,]/} - begin))
  ask_redis CLIENT UNPAUSE >/dev/null
  [ "$saving" = 'Background saving started' ] && [ "$PAUSED_US" -ge 0 ] && [ "$PAUSED_US" -lt $((PAUSE_MS * 1000)) ]
}

take_matching_snapshots() {
  local attempt
  for ((attempt = 0; attempt < ATTEMPTS; attempt++)); do
    wait_for_redis
    SAVES=$(info_of rdb_saves ask_redis)
    if take_snapshots; then
      return
    fi
    ask_session "rollback; \\echo rolled back"
  done
  fail "Redis did not keep still for both snapshots, $ATTEMPTS times"
}

redis_setting() {
  ask_redis CONFIG GET "$1" | tail -n 1
}

# The file that BGSAVE has written, if it is still that one.
copy_redis() {
  local file
  file=$(redis_setting dir)/$(redis_setting dbfilename)
  wait_for_redis
  [ "$(info_of rdb_last_bgsave_status ask_redis)" = ok ] || fail "Redis could not write its snapshot"
  [ -r "$file" ] || fail "not readable here: $file"
  cp "$file" "$1"
  [ "$(info_of rdb_saves ask_redis)" -eq $((SAVES + 1)) ] || fail "Redis has saved another snapshot meanwhile"
  # The append-only file is what Redis starts from; this one would only take up space.
  [ "$(redis_setting save)" != '' ] || rm -f "$file" 2>/dev/null || true
}

clean_up() {
  rm -rf "$PARTIAL"
  if [ -n "${SESSION:-}" ]; then
    kill "$SESSION" 2>/dev/null || true
  fi
}

main() {
  parse_arguments "$@"
  [ ! -e "$FOLDER" ] || fail "exists already: $FOLDER"
  [ "$(ask_redis PING)" = PONG ] || fail "Redis does not answer"
  PARTIAL=$FOLDER.partial
  rm -rf "$PARTIAL"
  trap clean_up EXIT
  mkdir -p "$PARTIAL"

  open_session
  take_matching_snapshots
  copy_redis "$PARTIAL/redis.rdb"
  pg_dump --format=custom --snapshot="$SNAPSHOT" --file="$PARTIAL/postgres.dump" --dbname="$POSTGRES"
  (cd "$PARTIAL" && sha256sum redis.rdb postgres.dump >SHA256SUMS && sync -- *)
  mv -T "$PARTIAL" "$FOLDER"
  printf 'backed up to %s; writes waited for %d.%d ms\n' "$FOLDER" $((PAUSED_US / 1000)) $((PAUSED_US % 1000 / 100))
}

main "$@"
