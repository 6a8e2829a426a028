#!/usr/bin/env bash
# Backs up both stores, as they are at one moment, while the shop runs:
#
#   backup.sh [--postgres CONNINFO] [--redis SOCKET|HOST:PORT] FOLDER
#
# FOLDER must not exist; it appears when the backup is complete. The default is the development stack in RUN_DIR. The
# PostgreSQL role must be allowed to read the whole database. Of Redis only the connection is needed: it sends its
# snapshot, as to a replica. Redis' folder and files are not touched, because Redis' user may have put anything there.
# Where Redis has users, REDIS_USERNAME and REDIS_PASSWORD_FILE say who logs in.
#
# If METRICS_FOLDER is set, backup.prom in that folder says when the latest backup was made.
#
# One moment: a movement is pending in Redis until PostgreSQL has recorded it and it is confirmed. While Redis takes no
# writes, no movement is reserved, confirmed or released. So PostgreSQL has recorded every confirmed movement, and every
# other one is still pending. A snapshot of PostgreSQL that is taken during the pause therefore fits what Redis holds:
# after a restore the reconciler finishes the pending movements. Both snapshots take milliseconds; they are written out
# later.
set -euo pipefail
umask 077  # A backup has customers' orders.
# shellcheck source=lib/stores.sh
. "$(dirname "$0")/lib/stores.sh"
# shellcheck source=lib/metrics.sh
. "$(dirname "$0")/lib/metrics.sh"

readonly PAUSE_MS=400  # Ends by itself if this script dies; shorter than REDIS_TIMEOUT_MS, so that workers outlast it.
readonly ATTEMPTS=5
readonly ANSWER_TIMEOUT=10   # Seconds.
readonly SAVE_TIMEOUT=3600   # Seconds; 100 GB take less.

SENDING=()  # Redis' own settings, while they are changed.

# Opens one psql for the whole backup: the snapshot that it exports lives as long as its transaction.
open_session() {
  coproc PSQL { exec psql -X -w -q -At -v ON_ERROR_STOP=1 -d "$POSTGRES" -f - 2>&1; }
  SESSION=$PSQL_PID  # Bash forgets its own variable when the session ends.
  ask_session "select pg_try_advisory_lock($BACKUP_LOCK);"
  [ "$ANSWER" = t ] || fail "another backup is under way"
}

# ask_session SQL: sets ANSWER to one line.
ask_session() {
  { echo "$1" >&"${PSQL[1]}"; } 2>/dev/null || fail "PostgreSQL has closed the connection"
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

# Makes Redis send a snapshot at once and from its memory. By default it first waits for more replicas; and if it is set
# to write a file and send that, the file stays. reset_sending restores its settings.
set_sending() {
  SENDING=("$(redis_setting repl-diskless-sync)" "$(redis_setting repl-diskless-sync-delay)")
  ask_redis CONFIG SET repl-diskless-sync yes repl-diskless-sync-delay 0 >/dev/null
}

reset_sending() {
  [ "${#SENDING[@]}" -eq 0 ] ||
    ask_redis CONFIG SET repl-diskless-sync "${SENDING[0]}" repl-diskless-sync-delay "${SENDING[1]}" >/dev/null
  SENDING=()
}

# Waits until Redis has forked: the copy sends what it holds. Ends, too, when the time is up or the receiver has ended.
wait_for_copy() {
  local deadline=$((${EPOCHREALTIME/[.,]/} + PAUSE_MS * 1000))
  until [ "$(info_of total_forks ask_redis)" -gt "$FORKS" ]; do
    if [ "${EPOCHREALTIME/[.,]/}" -ge "$deadline" ] || ! kill -0 "$RECEIVER" 2>/dev/null; then
      return 0
    fi
  done
}

# Sets SNAPSHOT (PostgreSQL's) and PAUSED_US, and starts RECEIVER, which receives the snapshot of Redis. False if both
# snapshots did not fit into the pause.
take_snapshots() {
  local begin
  # PostgreSQL takes the snapshot at the first statement after this.
  ask_session "begin isolation level repeatable read read only; \\echo begun"
  FORKS=$(info_of total_forks ask_redis)
  set_sending || fail "Redis refuses to change its settings"
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

# False if the snapshot is of a later fork, because Redis was just forking for another purpose.
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
  fail "both snapshots did not fit into one pause of Redis, in $ATTEMPTS attempts"
}

metrics() {
  show_gauge shop_backup_timestamp_seconds "When the latest backup was complete." "$(date +%s)"
  show_gauge shop_backup_bytes "Size of the latest backup." "$(du --bytes --summarize "$FOLDER" | cut -f 1)"
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
  require_redis
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
  [ -z "${METRICS_FOLDER:-}" ] || install_metrics "$METRICS_FOLDER" backup metrics
  printf 'backed up to %s; writes waited for %d.%d ms\n' "$FOLDER" $((PAUSED_US / 1000)) $((PAUSED_US % 1000 / 100))
}

main "$@"
