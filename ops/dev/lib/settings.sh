# shellcheck shell=bash
# The stack's settings: reads them, adds the defaults, and checks them.

# Finds the servers' own programs, not the wrappers that Debian or a developer's home may put before them.
export PATH=/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin

fail() {
  printf 'airship-shop: %s\n' "$*" >&2
  exit 1
}

# Reads a program's output and prints the line that says why it failed: its last error, else its last line. multiwatch's
# lines about its children are no reason.
reason() {
  local lines
  lines=$(grep -vE '^[[:space:]]*$|^(Spawning child|Child)\[' | tail -n 20)
  grep -iE 'error|fatal|panic|emerg' <<<"$lines" | tail -n 1 | grep . || tail -n 1 <<<"$lines"
}

# settings_of PARTS: the lines of ops/settings.awk for these parts. PARTS is a pattern.
settings_of() {
  awk -f "$PROJECT/ops/settings.awk" "$PROJECT/ops/settings.md" | awk -F '|' -v parts="$1" '$4 ~ parts'
}

# require_allowed NAME CHOICES: fails if the setting's value is none of the choices, as ops/settings.md has them: "off
# or 1 to 9".
require_allowed() {
  local name=$1 choices=$2 value=${!1} min max
  while read -r min _ max; do
    [ "$value" != "$min" ] || return 0
    if [[ $max && $value =~ ^[1-9][0-9]{0,5}$ ]] && [ "$value" -ge "$min" ] && [ "$value" -le "$max" ]; then
      return
    fi
  done <<<"${choices// or /$'\n'}"
  fail "$name must be $choices, not \"$value\""
}

# Sets RUN_LINK, the folder as the caller names it, and RUN_DIR, where it really is. The two are the same unless
# run_dir.sh had to put the folder elsewhere.
resolve_run_dir() {
  RUN_LINK=$(cd "$PROJECT" && realpath --no-symlinks --canonicalize-missing -- "$RUN_DIR")
  # The path goes into configuration files and connection strings of six programs, each with its own quoting.
  [[ $RUN_LINK =~ ^[A-Za-z0-9/._+-]+$ ]] ||
    fail "RUN_DIR may have only letters, digits and / . _ + - in its path: \"$RUN_LINK\""
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
  local name fallback
  PRODUCTS_WORKERS=${PRODUCTS_WORKERS:-$(default_workers)}
  ORDERS_WORKERS=${ORDERS_WORKERS:-$(default_workers)}
  while IFS='|' read -r name fallback _; do
    [[ $fallback == \(* ]] || printf -v "$name" %s "${!name:-$fallback}"
  done < <(settings_of 'stack|nginx')
  load_origins
  resolve_run_dir
  load_users
}

# For the command that starts the stack.
check_settings() {
  local name choices
  while IFS='|' read -r name _ choices _; do
    [ -z "$choices" ] || require_allowed "$name" "$choices"
  done < <(settings_of 'stack|nginx')
  require_origins
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
