# shellcheck shell=bash
# Which stores a command works on, and how it asks them.

# Never two backups at once: one would end the pause of the other.
# shellcheck disable=SC2034  # For the scripts that source this.
readonly BACKUP_LOCK=7203047

PROJECT=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
COMMAND=$(basename "$0" .sh)
readonly PROJECT COMMAND

# Finds the servers' own programs, not the wrappers that Debian puts before them.
export PATH=/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin

# Seconds for each host in a connection string. One that is off would take minutes.
export PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-5}

fail() {
  printf '%s: %s\n' "$COMMAND" "$*" >&2
  exit 1
}

# shellcheck source=../../sql/conninfo.sh
. "$PROJECT/sql/conninfo.sh"

# parse_arguments [--postgres CONNINFO] [--redis ADDRESS] FOLDER: sets POSTGRES, REDIS and FOLDER. The defaults are the
# stores of the development stack in RUN_DIR.
parse_arguments() {
  local run_dir=${RUN_DIR:-$PROJECT/run} address
  run_dir=$(realpath --canonicalize-missing -- "$run_dir")
  POSTGRES="host=$run_dir/postgres dbname=airship user=airship"
  address=$run_dir/redis/redis.sock
  while [[ ${1:-} == --* && $# -ge 2 ]]; do
    case $1 in
      --postgres) POSTGRES=$2 ;;
      --redis) address=$2 ;;
      *) break ;;
    esac
    shift 2
  done
  [[ $# -eq 1 && $1 != -* ]] || fail "usage: $0 [--postgres CONNINFO] [--redis SOCKET|HOST:PORT] FOLDER"
  FOLDER=$(realpath --canonicalize-missing -- "$1")
  require_no_password "$POSTGRES"
  if [[ $address == /* ]]; then
    REDIS=(redis-cli -e -s "$address")
  elif [[ $address =~ ^(\[([^]/@]+)\]|[^]/@[]+):([0-9]+)$ ]]; then
    REDIS=(redis-cli -e -h "${BASH_REMATCH[2]:-${BASH_REMATCH[1]}}" -p "${BASH_REMATCH[3]}")
  else
    fail "--redis must be the path of a socket, or HOST:PORT"
  fi
  log_in_to_redis
}

# Adds the login to REDIS: the user REDIS_USERNAME, with the password in the file REDIS_PASSWORD_FILE, or in
# REDISCLI_AUTH, in which redis-cli takes it.
log_in_to_redis() {
  local lines=()
  if [ -n "${REDIS_PASSWORD_FILE:-}" ]; then
    if [ -f "$REDIS_PASSWORD_FILE" ] && [ -r "$REDIS_PASSWORD_FILE" ]; then
      mapfile -t lines <"$REDIS_PASSWORD_FILE"
    fi
    [[ ${#lines[@]} -eq 1 && ${lines[0]} ]] ||
      fail "REDIS_PASSWORD_FILE must be the path of a file whose only line is the password"
    export REDISCLI_AUTH=${lines[0]}
  fi
  if [ -n "${REDIS_USERNAME:-}" ]; then
    [ -n "${REDISCLI_AUTH:-}" ] || fail "REDIS_USERNAME must be a name beside REDIS_PASSWORD_FILE"
    REDIS+=(--user "$REDIS_USERNAME")
  fi
}

# show_progress NAME: passes its input on, and shows on a terminal how much it was.
show_progress() {
  if [ -t 2 ]; then
    pv --name "$1"
  else
    cat
  fi
}

ask_redis() {
  "${REDIS[@]}" "$@"
}

# require_redis: fails with Redis' own words, for example about a wrong password.
require_redis() {
  local said
  said=$(ask_redis PING 2>&1) || true
  [ "$said" = PONG ] || fail "Redis does not answer: ${said//$'\n'/; }"
}

# info_of FIELD COMMAND...: a field of Redis' INFO. COMMAND is how to ask Redis.
info_of() {
  local field=$1
  shift
  "$@" INFO everything | tr -d '\r' | sed -n "s/^$field://p"
}

run_sql() {
  psql -X -w -q -At -v ON_ERROR_STOP=1 -d "$POSTGRES" "$@"
}
