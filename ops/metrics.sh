#!/usr/bin/env bash
# Writes the development stack's metrics to files in Prometheus' text format, for the textfile collector of Prometheus'
# node_exporter:
#
#   metrics.sh [--redis SOCKET|HOST:PORT] FOLDER
#
# Run it before each scrape or so. It reads what the logs have got since its last run, and asks the kernel, nginx and Redis
# how things are. RUN_DIR is the stack's folder. Where Redis has users, REDIS_USERNAME and REDIS_PASSWORD_FILE say who logs
# in.
set -euo pipefail
# shellcheck source=lib/stores.sh
. "$(dirname "$0")/lib/stores.sh"
# shellcheck source=lib/metrics.sh
. "$PROJECT/ops/lib/metrics.sh"
# shellcheck source=lib/collect.sh
. "$PROJECT/ops/lib/collect.sh"
export LC_ALL=C

# ss shows the path that a socket was made with. The one of a pool that took another one's place is PART.sock.new.
listeners() {
  echo "$RUN_DIR/$1.sock*"
}

main() {
  local nginx part processes wrong=""
  parse_arguments "$@"
  RUN_DIR=$(realpath --canonicalize-missing -- "${RUN_DIR:-$PROJECT/run}")
  nginx=$RUN_DIR/nginx
  open_folder
  unread "$RUN_DIR/log/nginx-access.log" count requests
  for part in products orders reconciler; do unread "$RUN_DIR/log/$part.log" count events; done
  unread "$RUN_DIR/log/nginx-error.log" count full_pools
  processes=$(processes_of "$RUN_DIR/bin")
  try pools "$processes"
  try reconcilers "$processes"
  try connections "$(<"$nginx/conf/port")"
  [ ! -e "$nginx/conf/tls/certificate.pem" ] || try certificate "$nginx/conf/tls/certificate.pem" ||
    wrong="the certificate cannot be read"
  [ ! -d "$nginx" ] || try health "$nginx/run/health.sock"
  install_stores
  [ -z "$wrong" ] || fail "$wrong"
}

main "$@"
