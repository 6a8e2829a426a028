#!/usr/bin/env bash
# Writes the metrics of an edge to files in Prometheus' text format, for the textfile collector of Prometheus'
# node_exporter:
#
#   metrics.sh FOLDER
#
# airship-shop-edge-metrics.timer calls it, with the settings of the edge. It reads what nginx's logs have got since its
# last run, and asks the kernel and nginx how things are.
set -euo pipefail

export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C

readonly PROGRAM=airship-shop-edge-metrics
PROJECT=$(realpath "$(dirname "$(realpath "$0")")/../..")
readonly PROJECT RUN=/run/airship-shop-edge LOGS=/var/log/airship-shop-edge

# shellcheck source=../lib/settings.sh
. "$PROJECT/ops/lib/settings.sh"
# shellcheck source=../lib/metrics.sh
. "$PROJECT/ops/lib/metrics.sh"
# shellcheck source=../lib/collect.sh
. "$PROJECT/ops/lib/collect.sh"

main() {
  [ "$#" -eq 1 ] || fail "usage: $0 FOLDER"
  FOLDER=$1
  local certificate=$RUN/conf/tls/certificate.pem
  open_folder
  unread "$LOGS/access.log" count requests
  unread "$LOGS/error.log" count full_pools
  try connections "${HTTP_PORT:-80}" "${HTTPS_PORT:-443}"
  try health "$RUN/run/health.sock"
  if [ ! -e "$certificate" ]; then
    rm -f "$FOLDER/certificate.prom"
  elif ! try certificate "$certificate"; then
    fail "the certificate cannot be read"
  fi
}

main "$@"
