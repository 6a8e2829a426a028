#!/usr/bin/env bash
# Restarts the workers of this host from the programs that are installed, and no request fails: airship-shop-roll
#
# First it tries the new programs of both pools, each on a socket of its own. Then, for each pool, it restarts the first
# half of the workers, waits until they live, and restarts the second half. The reconciler comes last. At the first fault
# it stops, and what it has not restarted goes on with the program that it was started from. An upgrade of the package
# calls it.
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

# The version of the program that the instance runs. The program's file may be deleted by now.
running_version() {
  local worker version
  worker=$(pgrep --parent "$(main_pid "$1")" | head -n 1)
  version=$("/proc/${worker:-none}/exe" --version 2>/dev/null) || version=
  echo "${version##* }"
}

# give_up POOL UNIT WHAT: says what serves on, and how to go back.
give_up() {
  local pool=airship-shop-$1 version
  version=$(running_version "$pool@2")
  fail "$3; journalctl -u $2 says why. $pool@2 serves on${version:+ with version $version}. To go back:" \
    "apt install airship-shop=${version:-VERSION}"
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

check_pool() {
  local check=airship-shop-$1@check
  if ! systemctl start "$check" 2>/dev/null; then
    systemctl reset-failed "$check"  # The host is well: what it runs is what it ran before.
    give_up "$1" "$check" "nothing is restarted: the new $1-worker fails its check"
  fi
}

roll_pool() {
  local instance unit
  for instance in 1 2; do
    unit=airship-shop-$1@$instance
    restart "$unit" serves "$unit" "$1-worker" || give_up "$1" "$unit" "$unit does not start"
    echo "airship-shop-roll: $unit restarted"
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
  check_pool products
  check_pool orders
  roll_pool products
  roll_pool orders
  roll_reconciler
}

main
