#!/usr/bin/env bash
# make status: prints a line for each part: whether it runs, its pid, its address, and how busy it is. Exits 3 unless all
# of them run.
set -euo pipefail
# shellcheck source=lib/stack.sh
. "$(dirname "$0")/lib/stack.sh"

address() {
  case $1 in
    postgres) echo "$RUN_DIR/postgres/.s.PGSQL.5432" ;;
    redis) echo "$RUN_DIR/redis/redis.sock" ;;
    products | orders) echo "$RUN_DIR/$1.sock" ;;
    reconciler) echo - ;;  # It only connects to others.
    nginx) echo "http://localhost:$(cat "$RUN_DIR/nginx/conf/port" 2>/dev/null || echo "$PORT")" ;;
  esac
}

# count_sockets STATE ADDRESS: how many unix sockets at the address are in that state.
count_sockets() {
  ss --no-header --unix state "$1" src "$2" | wc -l
}

# pool_load POOL PID. The length of the queue is the second column of the listening socket.
pool_load() {
  local queue
  queue=$(ss --no-header --unix state listening src "$(address "$1")" | awk '{ sum += $2 } END { print sum + 0 }')
  echo "$(count_sockets established "$(address "$1")") of $(pgrep --count --parent "$2") workers busy, $queue requests wait"
}

# A Redis that says nothing must not hold up the others.
redis_load() {
  local ask=(timeout 2 redis-cli -s "$RUN_DIR/redis/redis.sock") memory
  memory=$("${ask[@]}" INFO memory | tr -d '\r') || { echo "does not answer"; return; }
  printf '%s of %s, %d movements pending, %d events\n' "$(sed -n 's/^used_memory_human://p' <<<"$memory")" \
    "$(sed -n 's/^maxmemory_human://p' <<<"$memory")" "$("${ask[@]}" HLEN stock:pending)" "$("${ask[@]}" XLEN orders:events)"
}

# load_of PART PID
load_of() {
  local address
  address=$(address "$1")
  case $1 in
    postgres) echo "$(count_sockets established "$address") connections" ;;
    redis) redis_load ;;
    products | orders) pool_load "$1" "$2" ;;
    nginx) echo "$(ss --no-header --tcp state established "sport = :${address##*:}" | wc -l) connections" ;;
  esac
}

main() {
  local part pid status=0
  load_settings
  ! is_stack || require_trusted_path "$RUN_LINK"
  look_for_lost_processes
  for part in "${PARTS[@]}"; do
    if pid=$(running_pid "$part"); then
      printf '%-10s running      pid %-8s %s  %s\n' "$part" "$pid" "$(address "$part")" \
        "$(load_of "$part" "$pid")" | sed 's/ *$//'
    else
      printf '%-10s not running\n' "$part"
      status=3
    fi
  done
  return "$status"
}

main
