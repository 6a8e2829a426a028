# shellcheck shell=bash
# The stack's settings: reads them, adds the defaults, and checks them.

# Finds the servers' own programs, not the wrappers that Debian or a developer's home may put before them.
export PATH=/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin

# Sets RUN_LINK, the folder as the caller names it, and RUN_DIR, where it really is. The two are the same unless
# run_dir.sh had to put the folder elsewhere.
resolve_run_dir() {
  RUN_LINK=$(cd "$PROJECT" && realpath --no-symlinks --canonicalize-missing -- "$RUN_DIR")
  # The path goes into configuration files and connection strings of six programs, each with its own quoting.
  [[ $RUN_LINK =~ ^[A-Za-z0-9/._+-]+$ ]] ||
    fail "RUN_DIR may have only letters, digits and / . _ + - in its path: \"$RUN_LINK\""
  RUN_DIR=$(realpath --canonicalize-missing -- "$RUN_LINK")
}

# SHOP_ORIGINS: the developer's own machine, on any port.
readonly DEVELOPMENT_ORIGINS="http://localhost:* https://localhost:* http://127.0.0.1:* https://127.0.0.1:* \
http://[::1]:* https://[::1]:*"

# Prefork workers spend most of a request waiting for a store, so a core serves several of them.
default_workers() {
  local workers=$((4 * $(nproc)))
  echo "$((workers < 64 ? workers : 64))"
}

# For every command.
load_settings() {
  local workers
  workers=$(default_workers)
  umask 022
  PRODUCTS_WORKERS=${PRODUCTS_WORKERS:-$workers}
  ORDERS_WORKERS=${ORDERS_WORKERS:-$workers}
  load_defaults 'stack|nginx'
  load_origins "$DEVELOPMENT_ORIGINS"
  [ "$API_KEYS" = off ] || API_KEYS=$(cd "$PROJECT" && realpath --canonicalize-missing -- "$API_KEYS")
  resolve_run_dir
  load_users
}

# For the command that starts the stack.
check_settings() {
  require_all_allowed 'stack|nginx'
  require_origins
  [ "$API_KEYS" = off ] || require_api_keys "$API_KEYS"
}

# The environment of a part's workers, NAME=value on each line: where its stores are, and those of its settings that the
# caller has set. Nothing else from the caller's environment reaches a worker.
worker_environment() {
  local part=$1 name
  local REDIS_ADDRESS=${REDIS_ADDRESS:-$RUN_DIR/redis/redis.sock}
  local POSTGRES_CONNINFO=${POSTGRES_CONNINFO:-host=$RUN_DIR/postgres dbname=airship user=orders}
  while IFS='|' read -r name _; do
    [[ ${!name:-} != *$'\n'* ]] || fail "$name must be a single line"
    if [ -n "${!name:-}" ]; then
      printf '%s=%s\n' "$name" "${!name}"
    fi
  done < <(settings_of "$part")
}
