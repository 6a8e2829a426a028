#!/usr/bin/env bash
# make status: prints a line for each part: whether it runs, its pid, its address. Exits 3 unless all of them run.
set -euo pipefail
# shellcheck source=lib/stack.sh
. "$(dirname "$0")/lib/stack.sh"

address() {
  case $1 in
    postgres) echo "$RUN_DIR/postgres/.s.PGSQL.5432" ;;
    redis) echo "$RUN_DIR/redis/redis.sock" ;;
    products | orders) echo "$RUN_DIR/$1.sock" ;;
    reconciler) echo - ;;  # It only connects to others.
    nginx) echo "http://localhost:$(cat "$RUN_DIR/nginx/conf/port" 2>/dev/null || echo "$PORT")" ;;
  esac
}

main() {
  local part pid status=0
  load_settings
  ! is_stack || require_trusted_path "$RUN_LINK"
  for part in "${PARTS[@]}"; do
    if pid=$(running_pid "$part"); then
      printf '%-10s running      pid %-8s %s\n' "$part" "$pid" "$(address "$part")"
    else
      printf '%-10s not running\n' "$part"
      status=3
    fi
  done
  return "$status"
}

main
