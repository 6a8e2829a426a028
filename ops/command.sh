#!/usr/bin/env bash
# What airship-shop-migrate, -backup, -restore, -audit-stock and -index-products of the Debian package are links to.
#
# Runs the program that the link is named after, on the stores that /etc/airship-shop/ops.env names. The caller's
# environment wins over that file, and arguments win over both.
set -euo pipefail

readonly SETTINGS=/etc/airship-shop/ops.env
NAME=$(basename "$0")
SHARE=$(dirname "$(realpath "$0")")/..
readonly NAME SHARE

# The lines are NAME=value, as for systemd; a value may be in double quotes.
load_settings() {
  local name value
  while IFS='=' read -r name value; do
    if [[ $name =~ ^(POSTGRES_CONNINFO|PGPASSFILE|REDIS_[A-Z_]+|METRICS_FOLDER)$ && -z ${!name:-} ]]; then
      value=${value#\"}
      export "$name=${value%\"}"
    fi
  done <"$SETTINGS"
}

main() {
  [ ! -e "$SETTINGS" ] || load_settings
  export REDIS_ADDRESS=${REDIS_ADDRESS:-/run/redis/redis-server.sock}
  local postgres=${POSTGRES_CONNINFO:-host=/var/run/postgresql dbname=airship user=airship}
  local stores=(--postgres "$postgres" --redis "$REDIS_ADDRESS")
  case $NAME in
    airship-shop-migrate) exec "$SHARE/sql/migrate.sh" "${1:-$postgres}" ;;
    airship-shop-backup) exec "$SHARE/ops/backup.sh" "${stores[@]}" "$@" ;;
    airship-shop-restore) exec "$SHARE/ops/restore.sh" "${stores[@]}" "$@" ;;
    airship-shop-audit-stock) exec "$SHARE/ops/audit-stock" "${stores[@]}" "$@" ;;
    airship-shop-index-products) exec "$SHARE/../../lib/airship-shop/index-products" "$@" ;;
    *) echo "$NAME: call it by the name of a command: airship-shop-..." >&2 && exit 1 ;;
  esac
}

main "$@"
