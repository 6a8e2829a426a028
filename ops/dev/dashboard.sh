#!/usr/bin/env bash
# make dashboard: shows the last minutes of the shop as pictures, and the alerts that fire. Runs Prometheus, its exporters
# and ops/metrics.sh on the stack in RUN_DIR until ^C. What it stores is in RUN_DIR/dashboard.
#
# DASHBOARD_PORT is Prometheus' port on the loopback interface; the exporters take the three after it. SCRAPE_SECONDS is
# the time between two looks, by default as on deployed hosts; RULES is the folder of the rules.
set -euo pipefail
# shellcheck source=lib/stack.sh
. "$(dirname "$0")/lib/stack.sh"

SCRAPE_SECONDS=${SCRAPE_SECONDS:-15}
RULES=${RULES:-$PROJECT/ops/prometheus/rules}

# address N: of the N-th exporter; 0 is Prometheus.
address() {
  echo "127.0.0.1:$((DASHBOARD_PORT + $1))"
}

# Writes JSON, which is YAML, too.
prometheus_configuration() {
  jq --null-input --arg seconds "${SCRAPE_SECONDS}s" --arg rules "$RULES/*.yml" \
    --arg shop "$(address 1)" --arg postgres "$(address 2)" --arg redis "$(address 3)" '{
      global: {scrape_interval: $seconds, scrape_timeout: $seconds, evaluation_interval: $seconds},
      rule_files: [$rules],
      scrape_configs: [$ARGS.named | {shop, postgres, redis} | to_entries[]
        | {job_name: .key, static_configs: [{targets: [.value]}]}]}'
}

# start NAME COMMAND...: in the background; what it says goes into a log.
start() {
  local name=$1
  shift
  "$@" </dev/null >"$name.log" 2>&1 &
}

# What it says is about its last run only.
collect_metrics() {
  while true; do
    "$PROJECT/ops/metrics.sh" metrics >metrics.out 2>&1 || true
    sleep "$SCRAPE_SECONDS"
  done
}

start_exporters() {
  start node prometheus-node-exporter --web.listen-address="$(address 1)" --collector.disable-defaults \
    --collector.textfile --collector.textfile.directory=metrics --collector.filesystem
  DATA_SOURCE_NAME="host=$RUN_DIR/postgres dbname=airship user=postgres connect_timeout=5" start postgres \
    prometheus-postgres-exporter --web.listen-address="$(address 2)" \
    --extend.query-path="$PROJECT/ops/prometheus/postgres-queries.yml"
  REDIS_ADDR=unix://$RUN_DIR/redis/redis.sock start redis \
    prometheus-redis-exporter -web.listen-address="$(address 3)" -connection-timeout=3s
}

start_prometheus() {
  prometheus_configuration >prometheus.yml
  start prometheus prometheus --config.file=prometheus.yml --storage.tsdb.path=data --storage.tsdb.retention.time=1d \
    --web.listen-address="$(address 0)" --web.console.templates="$PROJECT/ops/prometheus/consoles" \
    --web.user-assets="$PROJECT/ops/prometheus"
}

prometheus_answers() {
  curl --silent --fail --output /dev/null "http://$(address 0)/-/ready"
}

wait_until_it_answers() {
  local deadline=$((SECONDS + 30))
  until prometheus_answers; do
    [ "$SECONDS" -lt "$deadline" ] || fail "Prometheus does not answer: $(tail -n 1 prometheus.log)"
    sleep 0.1
  done
}

main() {
  load_settings
  is_stack || fail "there is no stack in $RUN_LINK: make up"
  require_own_stack
  export RUN_DIR
  mkdir -p "$RUN_DIR/dashboard/metrics"
  cd "$RUN_DIR/dashboard"
  trap 'kill $(jobs -p) 2>/dev/null || true; wait || true' EXIT
  trap 'exit 0' INT TERM
  collect_metrics </dev/null &
  start_exporters
  start_prometheus
  wait_until_it_answers
  echo "the dashboard is at http://localhost:$DASHBOARD_PORT/consoles/shop.html, until ^C"
  wait -n || true
  fail "a part of it has ended: $(tail -q -n 1 ./*.log)"
}

main
