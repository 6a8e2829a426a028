#!/usr/bin/env bash
# Writes the shop's metrics to files in Prometheus' text format, for the textfile collector of Prometheus' node_exporter:
#
#   metrics.sh [--redis SOCKET|HOST:PORT] FOLDER
#
# Run it before each scrape or so. It reads what the logs have got since its last run, and asks the kernel and Redis how
# things are. FOLDER/state remembers how far each log was read; a log that was rotated meanwhile is read to its end.
# RUN_DIR is the stack's folder. Where Redis has users, REDIS_USERNAME and REDIS_PASSWORD_FILE say who logs in.
set -euo pipefail
# shellcheck source=lib/stores.sh
. "$(dirname "$0")/lib/stores.sh"
# shellcheck source=lib/metrics.sh
. "$(dirname "$0")/lib/metrics.sh"
export LC_ALL=C

readonly REDIS_SECONDS=5   # A Redis that says nothing is given up.
readonly HEALTH_SECONDS=6  # nginx itself gives a pool up sooner (nginx/health_server.conf).
readonly CERTIFICATE=nginx/conf/tls/certificate.pem  # The copy that nginx serves; its source may be a newer one.
new_lines() {
  local log
  for log; do
    [ ! -f "$log" ] || logtail2 -f "$log" -o "$FOLDER/state/$(basename "$log").offset"
  done
}

# count NAME LOG...: lets NAME.awk count the new lines.
count() {
  local name=$1
  shift
  new_lines "$@" | mawk -v previous="$FOLDER/$name.prom" -f "$PROJECT/ops/prometheus/counters.awk" \
    -f "$PROJECT/ops/prometheus/$name.awk" | install_metrics "$FOLDER" "$name"
}

# pool_sockets POOL: the sockets at the pool's address. The listening one has the length of its queue in the third column.
# The others are those that workers have taken from it.
pool_sockets() {
  ss --no-header --all --unix src "$RUN_DIR/$1.sock"
}

# Of each pool: how many connections wait in the queue, and how many workers serve one.
pools() {
  local pool
  gauge shop_pool_queue_length "Requests that wait for a worker of the pool."
  gauge shop_pool_busy_workers "Workers that serve a request."
  gauge shop_pool_workers "Workers of the pool."
  for pool in products orders; do
    pool_sockets "$pool" | mawk -v pool="$pool" -v workers="$(pgrep -c -f "^$RUN_DIR/bin/$pool-worker" || true)" '
      $2 == "LISTEN" { queue += $3 }
      $2 == "ESTAB" { ++busy }
      END {
        printf "shop_pool_queue_length{pool=\"%s\"} %d\n", pool, queue
        printf "shop_pool_busy_workers{pool=\"%s\"} %d\n", pool, busy
        printf "shop_pool_workers{pool=\"%s\"} %d\n", pool, workers
      }'
  done | sort
}

# Connections of clients to nginx.
connections() {
  local port
  port=$(cat "$RUN_DIR/nginx/conf/port")
  gauge shop_http_connections "Connections of clients to nginx."
  echo "shop_http_connections $(ss --no-header --tcp state established "sport = :$port" | wc -l)"
}

# What /health says of each part, and nginx itself: "redis read-only". Its own socket writes no line into the access log,
# and asks for no host name. If nginx does not answer, nobody knows about the others.
part_states() {
  local answer
  answer=$(curl --silent --max-time "$HEALTH_SECONDS" --unix-socket "$RUN_DIR/nginx/run/health.sock" http://shop/health) ||
    { echo nginx down; return; }
  echo nginx up
  grep -oE '"[a-z]+":"(up|read-only|down)"' <<<"$answer" | tr -d '"' | tr : ' ' || true
}

health() {
  local states
  states=$(part_states)
  gauge shop_part_up "1 if the part serves, 0 if not. A store that takes no writes serves reads."
  mawk '{ printf "shop_part_up{part=\"%s\"} %d\n", $1, $2 != "down" }' <<<"$states"
  gauge shop_store_read_only "1 if the store takes no writes."
  mawk '/^(redis|postgres) / { printf "shop_store_read_only{store=\"%s\"} %d\n", $1, $2 == "read-only" }' <<<"$states"
}

reconcilers() {
  gauge shop_reconcilers "Processes of orders-reconciler."
  echo "shop_reconcilers $(pgrep -c -f "^$RUN_DIR/bin/orders-reconciler" || true)"
}

certificate() {
  local end
  end=$(openssl x509 -in "$RUN_DIR/$CERTIFICATE" -noout -enddate 2>/dev/null) || return
  gauge shop_certificate_expiry_timestamp_seconds "When the certificate that nginx serves ends."
  echo "shop_certificate_expiry_timestamp_seconds $(date -d "${end#notAfter=}" +%s)"
}

# How long the oldest movement has been pending. A movement id is a UUID of version 7: its first 48 bits are its time in
# milliseconds. Entries that are no movements do not count.
oldest_pending_seconds() {
  local ids oldest
  ids=$(ask_redis --raw HKEYS stock:pending) || return
  oldest=$(grep -E '^[0-9a-f]{8}-[0-9a-f]{4}-7' <<<"$ids" | sort | head -n 1 | tr -d -) || return 0
  mawk -v age="$(($(date +%s%3N) - 16#${oldest:0:12}))" 'BEGIN { printf "%.3f\n", age < 0 ? 0 : age / 1000 }'
}

# show_gauge NAME HELP COMMAND...: the metric whose value the command prints; 0 if it prints nothing.
show_gauge() {
  local value
  value=$("${@:3}") || return
  gauge "$1" "$2"
  echo "$1 ${value:-0}"
}

stores() {
  show_gauge shop_movements_pending "Entries of stock:pending." ask_redis HLEN stock:pending &&
    show_gauge shop_movements_oldest_pending_seconds "How long the oldest movement has been pending; 0 if none is." \
      oldest_pending_seconds &&
    show_gauge shop_events "Events in the stream orders:events." ask_redis XLEN orders:events &&
    show_gauge shop_events_bytes "Memory that the stream orders:events takes." \
      ask_redis MEMORY USAGE orders:events SAMPLES 0
}

# try NAME: installs the metrics that the function NAME prints. If it fails, there are none: nobody should take the last
# values for those of now.
try() {
  if ! "$1" | install_metrics "$FOLDER" "$1"; then
    rm -f "$FOLDER/$1.prom"
    return 1
  fi
}

main() {
  local wrong=""
  parse_arguments "$@"
  RUN_DIR=$(realpath --canonicalize-missing -- "${RUN_DIR:-$PROJECT/run}")
  mkdir -p "$FOLDER/state"
  exec 9>"$FOLDER/state/lock"
  flock --nonblock 9 || fail "another run is under way"
  count requests "$RUN_DIR/log/nginx-access.log"
  count events "$RUN_DIR"/log/{products,orders,reconciler}.log
  count full_pools "$RUN_DIR/log/nginx-error.log"
  try pools
  try connections
  try reconcilers
  [ ! -e "$RUN_DIR/$CERTIFICATE" ] || try certificate || wrong="the certificate cannot be read"
  [ ! -d "$RUN_DIR/nginx" ] || try health
  REDIS=(timeout "$REDIS_SECONDS" "${REDIS[@]}")
  if ! try stores; then
    require_redis
    fail "Redis has not told all"
  fi
  [ -z "$wrong" ] || fail "$wrong"
}

main "$@"
