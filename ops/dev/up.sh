#!/usr/bin/env bash
# make up: starts what does not run, reloads what changed, and returns when the shop is healthy. If it fails, it says
# why in one line and stops what it has started. BUILD_DIR is where the workers were built.
set -euo pipefail
# shellcheck source=lib/stack.sh
. "$(dirname "$0")/lib/stack.sh"

readonly HEALTH_TIMEOUT=30  # Seconds; a store may have to recover a few GB of data.

is_healthy() {
  curl --silent --fail --noproxy '*' --max-time 5 --output /dev/null "http://127.0.0.1:$PORT/health"
}

HEALTHY=

is_healthy_or_incomplete() {
  local part
  ! is_healthy || { HEALTHY=yes && return; }
  for part in "${PARTS[@]}"; do
    running_pid "$part" >/dev/null || return 0
  done
  return 1
}

wait_until_healthy() {
  local part
  poll "$HEALTH_TIMEOUT" is_healthy_or_incomplete || true
  [ -z "$HEALTHY" ] || return 0
  for part in "${PARTS[@]}"; do
    running_pid "$part" >/dev/null || fail "$part has ended: $(reason <"$(log_of "$part")") ($(log_of "$part"))"
  done
  fail "not healthy after $HEALTH_TIMEOUT s: $(curl --silent --show-error --noproxy '*' --max-time 5 \
    "http://127.0.0.1:$PORT/health" 2>&1 | tr -d '\n')"
}

main() {
  BUILD_DIR=$(realpath "$BUILD_DIR")
  load_settings
  check_settings
  prepare_run_dir
  trap undo_on_failure EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  mount_cache
  require_free_space
  stop_orphans nginx  # They would hold the port.
  require_free_port PORT "$(running_pid nginx || true)" '^(127.0.0.1|0.0.0.0|[*]|[[]::1?[]]):'
  check_workers products
  check_workers orders
  check_workers reconciler
  install_nginx_conf

  up_postgres
  up_redis
  up_reconciler
  up_pool products
  up_pool orders
  up_nginx
  wait_until_healthy
  echo "the shop is up: http://localhost:$PORT"
}

main
