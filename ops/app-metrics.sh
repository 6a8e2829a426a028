#!/usr/bin/env bash
# Writes the metrics of an application host to files in Prometheus' text format, for the textfile collector of Prometheus'
# node_exporter:
#
#   app-metrics.sh FOLDER
#
# airship-shop-metrics.timer calls it. The workers' and the reconciler's lines come from the journal. REDIS_ADDRESS is set
# on one of the application hosts alone: the metrics of the stores are the same on all. REDIS_USERNAME and
# REDIS_PASSWORD_FILE say who logs in to Redis.
set -euo pipefail
# shellcheck source=lib/stores.sh
. "$(dirname "$0")/lib/stores.sh"
# shellcheck source=lib/metrics.sh
. "$PROJECT/ops/lib/metrics.sh"
# shellcheck source=lib/collect.sh
. "$PROJECT/ops/lib/collect.sh"
export LC_ALL=C

readonly PROGRAMS=/usr/lib/airship-shop

# As the unit of the socket has them, in lines like "/run/airship-shop/orders.sock (Stream)".
listeners() {
  systemctl show --property=Listen --value "airship-shop-$1.socket" | mawk '{ print $1 }'
}

# What was logged since the last run; at the first one, all that is there. journalctl fails as long as there is nothing of
# which it could note the place.
new_entries() {
  local place=$FOLDER/state/journal.cursor
  journalctl --output=cat --cursor-file="$place" --identifier=airship-shop-products --identifier=airship-shop-orders \
    --identifier=airship-shop-reconciler || [ ! -e "$place" ]
}

main() {
  local processes
  [ "$#" -eq 1 ] || fail "usage: $0 FOLDER"
  FOLDER=$1
  open_folder
  new_entries | count events
  processes=$(processes_of "$PROGRAMS")
  try pools "$processes"
  try reconcilers "$processes"
  if [ -n "${REDIS_ADDRESS:-}" ]; then
    parse_arguments --redis "$REDIS_ADDRESS" "$FOLDER"
    install_stores
  else
    rm -f "$FOLDER/stores.prom"
  fi
}

main "$@"
