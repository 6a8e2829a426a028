#!/usr/bin/env bash
# make restart: restarts the workers from the programs in BUILD_DIR, one part after the other, with the settings that
# they have. No request fails.
set -euo pipefail
# shellcheck source=lib/stack.sh
. "$(dirname "$0")/lib/stack.sh"

readonly WORKERS=(products orders reconciler)

# Takes the settings of the last make up. Those of this command would mostly be the defaults.
load_running_settings() {
  local part
  for part in "${WORKERS[@]}"; do
    running_pid "$part" >/dev/null || fail "$part does not run: make up starts it"
    check_program "$part" "$(cat "$part.env")"
  done
  check_program reconciler "$(cat reconciler.env)" --check-redis
  read -r PRODUCTS_WORKERS _ <state/products
  read -r ORDERS_WORKERS _ <state/orders
  export PRODUCTS_WORKERS ORDERS_WORKERS
}

restart() {
  local part=$1 before
  before=$(running_pid "$part")
  install_program "$part"
  how_many "$part" >"state/$part"  # Without the fingerprint, so the part counts as out of date.
  ensure_running "$part" "$(fingerprint_of_workers "$part")"
  printf '%-10s restarted    pid %s, was %s\n' "$part" "$(running_pid "$part")" "$before"
}

main() {
  local part
  BUILD_DIR=$(realpath "$BUILD_DIR")
  load_settings
  enter_run_dir || fail "there is no stack in $RUN_LINK: make up starts one"
  load_running_settings

  trap undo_on_failure EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  for part in "${WORKERS[@]}"; do
    restart "$part"
  done
}

main
