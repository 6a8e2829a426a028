#!/usr/bin/env bash
# Backs both stores up, as they were at one moment, while the shop runs:
#
#   backup.sh [--postgres CONNINFO] [--redis SOCKET|HOST:PORT] FOLDER
#
# FOLDER must not exist; it appears when the backup is complete. Without the options, of the development stack in
# RUN_DIR. Needs a role that may read the whole database, and nothing but the connection to Redis: Redis sends its
# snapshot, as to a replica. Its folder and its files, which may be anything that Redis's user makes them, are not touched.
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

SENDING=()  # Redis's own settings, while they are changed.

# One psql that stays open: the snapshot that it exports lives as long as its transaction.
open_session() {
  coproc PSQL { exec psql -X -w -q -At -v ON_ERROR_STOP=1 -d "$POSTGRES" -f - 2>&1; }
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
    [ "$(ask_redis PING)" = PONG ] || fail "Redis does not answer"
    [ "$SECONDS" -lt "$deadline" ] || fail "Redis is still writing a snapshot after $SAVE_TIMEOUT s"
    sleep 0.1
  done
}

redis_setting() {
  ask_redis CONFIG GET "$1" | tail -n 1
}

# Has Redis send a snapshot as soon as it is asked to, from its memory: by default it waits for more replicas first, and
# where it writes a file to be sent, that file stays. reset_sending puts its settings back.
set_sending() {
  SENDING=("$(redis_setting repl-diskless-sync)" "$(redis_setting repl-diskless-sync-delay)")
  ask_redis CONFIG SET repl-diskless-sync yes repl-diskless-sync-delay 0 >/dev/null
}

reset_sending() {
  [ "${#SENDING[@]}" -eq 0 ] ||
    ask_redis CONFIG SET repl-diskless-sync "${SENDING[0]}" repl-diskless-sync-delay "${SENDING[1]}" >/dev/null
  SENDING=()
}

# Until Redis has copied its process, which then sends what it holds; or the time is up, or the receiver has ended.
wait_for_copy() {
  local deadline=$((${EPOCHREALTIME/[.,]/} + PAUSE_MS * 1000))
  until [ "$(info_of total_forks ask_redis)" -gt "$FORKS" ]; do
    if [ "${EPOCHREALTIME/[.,]/}" -ge "$deadline" ] || ! kill -0 "$RECEIVER" 2>/dev/null; then
      return 0
    fi
  done
}

# Sets SNAPSHOT, PostgreSQL's, and PAUSED_US, and leaves RECEIVER to receive that of Redis. False if Redis has not kept
# still for both.
take_snapshots() {
  local begin
  # PostgreSQL takes the snapshot at the first statement after this.
  ask_session "begin isolation level repeatable read read only; \\echo begun"
  FORKS=$(info_of total_forks ask_redis)
  set_sending || fail "Redis does not let its settings be changed"
  begin=${EPOCHREALTIME/[.,]/}
  ask_redis CLIENT PAUSE "$PAUSE_MS" WRITE >/dev/null || fail "Redis cannot be paused"
  ask_session "select pg_export_snapshot();"
  SNAPSHOT=$ANSWER
  timeout "$SAVE_TIMEOUT" "${REDIS[@]}" --rdb "$PARTIAL/redis.rdb" >/dev/null 2>&1 &
  RECEIVER=$!
  wait_for_copy
  PAUSED_US=$((${EPOCHREALTIME/[.,]/} - begin))
  ask_redis CLIENT UNPAUSE >/dev/null
  reset_sending
  [ "$PAUSED_US" -ge 0 ] && [ "$PAUSED_US" -lt $((PAUSE_MS * 1000)) ]
}

# False if what has come was copied later: Redis was copying itself for another purpose then.
receive_redis() {
  if [ -t 2 ]; then
    tail --follow=name --retry --sleep-interval=0.1 --pid="$RECEIVER" --bytes=+1 "$PARTIAL/redis.rdb" 2>/dev/null |
      show_progress Redis >/dev/null
  fi
  wait "$RECEIVER" || fail "Redis has not sent its whole snapshot; its log says why"
  [ "$(info_of total_forks ask_redis)" -eq $((FORKS + 1)) ]
}

end_receiver() {
  if [ -n "${RECEIVER:-}" ]; then
    kill "$RECEIVER" 2>/dev/null || true
  fi
}

back_up_redis() {
  local attempt
  for ((attempt = 0; attempt < ATTEMPTS; attempt++)); do
    wait_for_redis
    if take_snapshots && receive_redis; then
      return
    fi
    end_receiver
    ask_session "rollback; \\echo rolled back"
  done
  fail "Redis did not keep still for both snapshots, $ATTEMPTS times"
}

clean_up() {
  end_receiver
  reset_sending || true
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
  back_up_redis
  pg_dump --no-password --format=custom --snapshot="$SNAPSHOT" --dbname="$POSTGRES" |
    show_progress PostgreSQL >"$PARTIAL/postgres.dump"
  (cd "$PARTIAL" && sha256sum redis.rdb postgres.dump >SHA256SUMS && sync -- *)
  mv -T "$PARTIAL" "$FOLDER"
  printf 'backed up to %s; writes waited for %d.%d ms\n' "$FOLDER" $((PAUSED_US / 1000)) $((PAUSED_US % 1000 / 100))
}

main "$@"
