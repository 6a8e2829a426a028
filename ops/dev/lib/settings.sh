# shellcheck shell=bash
# The stack's settings: what the caller set, the defaults for the rest, and what is wrong with them.

# The servers' own programs, not the wrappers that Debian or a developer's home may put before them.
export PATH=/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin

fail() {
  printf 'airship-shop: %s\n' "$*" >&2
  exit 1
}

# Of what a program said, the line that tells why it failed: its last error, else its last line. What multiwatch says of
# its workers' deaths is no reason.
reason() {
  local lines
  lines=$(grep -vE '^[[:space:]]*$|^(Spawning child|Child)\[' | tail -n 20)
  grep -iE 'error|fatal|panic|emerg' <<<"$lines" | tail -n 1 | grep . || tail -n 1 <<<"$lines"
}

# require_number NAME MAX [MIN]
require_number() {
  local name=$1 max=$2 min=${3:-1}
  if ! [[ ${!name} =~ ^[1-9][0-9]{0,5}$ ]] || [ "${!name}" -gt "$max" ] || [ "${!name}" -lt "$min" ]; then
    fail "$name must be a number from $min to $max, not \"${!name}\""
  fi
}

require_on_or_off() {
  local name=$1
  [[ ${!name} =~ ^(on|off)$ ]] || fail "$name must be on or off, not \"${!name}\""
}

# Sets RUN_LINK, the folder as the caller names it, and RUN_DIR, where it really is: the same, unless run_dir.sh had to
# put it elsewhere.
resolve_run_dir() {
  RUN_LINK=$(cd "$PROJECT" && realpath --no-symlinks --canonicalize-missing -- "${RUN_DIR:-run}")
  # It goes into configuration files and connection strings of six programs, each with a quoting of its own.
  [[ $RUN_LINK =~ ^[A-Za-z0-9/._+-]+$ ]] ||
    fail "RUN_DIR may have letters, digits and / . _ + - in its path only: \"$RUN_LINK\""
  RUN_DIR=$(realpath --canonicalize-missing -- "$RUN_LINK")
}

# Prefork workers spend most of a request waiting for a store, so a core serves several of them.
default_workers() {
  local workers=$((4 * $(nproc)))
  echo "$((workers < 64 ? workers : 64))"
}

# For every command.
load_settings() {
  umask 022
  PORT=${PORT:-8000}
  PRODUCTS_WORKERS=${PRODUCTS_WORKERS:-$(default_workers)}
  ORDERS_WORKERS=${ORDERS_WORKERS:-$(default_workers)}
  ORDERS_CACHE=${ORDERS_CACHE:-on}
  CONNECTIONS=${CONNECTIONS:-65536}
  CLIENT_CONNECTIONS=${CLIENT_CONNECTIONS:-1024}
  CLIENT_REQUESTS_PER_SECOND=${CLIENT_REQUESTS_PER_SECOND:-off}
  CLIENT_BODY_SECONDS=${CLIENT_BODY_SECONDS:-30}
  load_origins
  resolve_run_dir
  load_users
}

# For the command that starts the stack.
check_settings() {
  require_number PORT 65535
  require_number PRODUCTS_WORKERS 200
  require_number ORDERS_WORKERS 200
  require_on_or_off ORDERS_CACHE
  require_number CONNECTIONS 262144 256
  require_number CLIENT_CONNECTIONS 65536
  [ "$CLIENT_REQUESTS_PER_SECOND" = off ] || require_number CLIENT_REQUESTS_PER_SECOND 999999
  require_number CLIENT_BODY_SECONDS 3600
  require_origins
}

# The environment of a part's workers, a NAME=value on each line: where its stores are, and which of the workers'
# settings the caller has set. Nothing else from the caller's environment reaches a worker.
worker_environment() {
  local part=$1 name
  local names=(REDIS_ADDRESS REDIS_TIMEOUT_MS LOG_LEVEL)
  case $part in
    orders)
      names+=(POSTGRES_CONNINFO POSTGRES_TIMEOUT_MS LOCK_TIMEOUT_MS EVENTS_MAXLEN EVENTS_MAX_BYTES STOCK_POLICY
        PRODUCT_IMAGE_ROOT)
      ;;
    reconciler)
      names+=(POSTGRES_CONNINFO POSTGRES_TIMEOUT_MS EVENTS_MAXLEN EVENTS_MAX_BYTES RECONCILER_INTERVAL_MS
        RECONCILER_AGE_LIMIT_MS)
      ;;
  esac
  local REDIS_ADDRESS=${REDIS_ADDRESS:-$RUN_DIR/redis/redis.sock}
  local POSTGRES_CONNINFO=${POSTGRES_CONNINFO:-host=$RUN_DIR/postgres dbname=airship user=orders}
  for name in "${names[@]}"; do
    [[ ${!name:-} != *$'\n'* ]] || fail "$name must be a single line"
    if [ -n "${!name:-}" ]; then
      printf '%s=%s\n' "$name" "${!name}"
    fi
  done
}
