#!/usr/bin/env bash
# Restarts the workers of this host from the programs that are installed, and no request fails: airship-shop-roll
#
# For each pool: tries the new program on a socket of its own, restarts the first half of the workers, waits until they
# live, and restarts the second half. The reconciler comes last. At the first fault it stops, and what it has not
# restarted goes on with the program that it was started from. An upgrade of the package calls it.
set -euo pipefail
PROJECT=$(realpath "$(dirname "$(realpath "$0")")/..")
# shellcheck source=lib/workers.sh
. "$PROJECT/ops/lib/workers.sh"

readonly START_TIMEOUT=15  # Seconds.

fail() {
  printf 'airship-shop-roll: %s\n' "$*" >&2
  exit 1
}

main_pid() {
  systemctl show --property=MainPID --value "$1"
}

# The version of the program that the instance runs, which may be deleted by now.
running_version() {
  local worker
  worker=$(pgrep --parent "$(main_pid "$1")" | head -n 1)
  "/proc/${worker:-none}/exe" --version 2>/dev/null || echo "unknown version"
}

# give_up UNIT WHAT: says which version serves on, and how to go back.
give_up() {
  local unit=$1 what=$2 pool=${1%@*}
  fail "$what (journalctl -u $unit). $pool@2 serves on: $(running_version "$pool@2"). To go back, install the version" \
    "before: apt install airship-shop=VERSION"
}

# How many workers multiwatch was told to keep: multiwatch -f COUNT.
wanted_workers() {
  xargs -0 -n 1 <"/proc/$1/cmdline" | sed -n '3p'
}

serves() {
  local supervisor
  supervisor=$(main_pid "$1")
  [ "$supervisor" -gt 0 ] && workers_are_whole "$supervisor" "$2" "$(wanted_workers "$supervisor")"
}

# restart UNIT CONDITION...: false if the condition does not come true in time. A unit that has failed too often must
# not keep a better program from being tried.
restart() {
  local unit=$1 deadline=$((SECONDS + START_TIMEOUT))
  shift
  systemctl reset-failed "$unit" 2>/dev/null || true
  systemctl restart "$unit" 2>/dev/null || return
  until "$@" 2>/dev/null; do
    [ "$SECONDS" -lt "$deadline" ] || return
    sleep 0.1
  done
}

roll_pool() {
  local pool=$1 unit=airship-shop-$1 instance
  systemctl start "$unit@check" 2>/dev/null ||
    give_up "$unit@check" "the $pool are not restarted: the new $pool-worker fails its check"
  for instance in 1 2; do
    restart "$unit@$instance" serves "$unit@$instance" "$pool-worker" ||
      give_up "$unit@$instance" "$unit@$instance does not start"
    echo "airship-shop-roll: $unit@$instance restarted"
  done
}

roll_reconciler() {
  local unit=airship-shop-reconciler
  restart "$unit" systemctl --quiet is-active "$unit" ||
    fail "$unit does not start (journalctl -u $unit). Both pools run the new version."
  echo "airship-shop-roll: $unit restarted"
}

main() {
  [ "$EUID" -eq 0 ] || fail "only root may restart the workers"
  if [ ! -e /etc/airship-shop/app.env ] || ! systemctl --quiet is-active airship-shop.target; then
    echo "airship-shop-roll: no workers run; they need /etc/airship-shop/app.env and systemctl start airship-shop.target"
    return
  fi
  roll_pool products
  roll_pool orders
  roll_reconciler
}

main
