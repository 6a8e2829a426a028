# shellcheck shell=bash
# How the shop's metrics are collected. The programs that source this say which parts there are: ops/metrics.sh on the
# development stack, ops/app-metrics.sh on an application host, ops/edge/metrics.sh on an edge. They also source
# lib/metrics.sh, have a function fail, and set PROJECT and FOLDER. FOLDER/state remembers how far each log was read.

readonly REDIS_SECONDS=5   # A Redis that says nothing is given up.
readonly HEALTH_SECONDS=6  # nginx itself gives a pool up sooner (nginx/health_server.conf).

# Keeps FOLDER for this program alone.
open_folder() {
  mkdir -p "$FOLDER/state"
  exec 9>"$FOLDER/state/lock"
  flock --nonblock 9 || fail "another run is under way"
}

# try NAME ARGUMENT...: installs the metrics that the function NAME prints. If it fails, there are none: nobody should take
# the last values for those of now.
try() {
  if ! install_metrics "$FOLDER" "$1" "$@"; then
    rm -f "$FOLDER/$1.prom"
    return 1
  fi
}

# from OFFSET COMMAND...: runs the command, which reads the file that is the standard input from there on. Prints where the
# command has stopped.
from() {
  local info
  dd bs=1 skip="$1" count=0 status=none
  "${@:2}"
  info=$(</proc/self/fdinfo/0)
  [[ $info =~ ^pos:[[:space:]]+([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

# has_inode NUMBER FILE
has_inode() {
  [ -f "$2" ] && [ "$(stat --dereference --format=%i "$2")" = "$1" ]
}

# unread LOG COMMAND...: runs the command, which reads what the log has got since the last run; if it was rotated to LOG.1
# meanwhile, first for the rest of that. The command reads the file itself. With Debian's logtail2 and a pipe in front of it,
# counting would cost more than twice as much.
unread() {
  local log=$1 place=$FOLDER/state/${1##*/}.offset inode=0 offset=0 current size
  shift
  if [ ! -f "$log" ]; then
    "$@" </dev/null
    return
  fi
  # After a power failure the place may be lost: then the log is read from its beginning.
  [ ! -f "$place" ] || { read -r inode && read -r offset; } <"$place" || inode=0 offset=0
  exec 3<"$log"
  read -r current size < <(stat --dereference --format='%i %s' /proc/self/fd/3)
  if [ "$inode" != "$current" ]; then
    ! has_inode "$inode" "$log.1" || from "$offset" "$@" <"$log.1" >/dev/null
    offset=0
  elif [ "$offset" -gt "$size" ]; then  # Somebody has cut it.
    offset=0
  fi
  { echo "$current" && from "$offset" "$@" <&3; } >"$place.new"
  exec 3<&-
  mv "$place.new" "$place"
}

# count NAME: lets NAME.awk count the lines that it reads.
count() {
  install_metrics "$FOLDER" "$1" mawk -v previous="$FOLDER/$1.prom" -f "$PROJECT/ops/prometheus/counters.awk" \
    -f "$PROJECT/ops/prometheus/$1.awk"
}

# pool_load LISTENER...: how many connections wait in the queues of these listeners, and how many are served. A listener is
# the path of a socket, or ADDRESS:PORT. Its queue is in the column Recv-Q. Of a unix socket, ss shows only the
# connections that were taken from the queue; of a port, all. A client that hangs up leaves CLOSE-WAIT.
pool_load() {
  local listener
  for listener; do
    if [[ $listener == /* ]]; then
      ss --no-header --all --unix src "$listener" | mawk '{ print $2, $3 }'
    else
      ss --no-header --all --tcp "sport = :${listener##*:}" | mawk '{ print $1, $2 } $1 == "LISTEN" { print "WAITING", $2 }'
    fi
  done | mawk '
    $1 == "LISTEN" { queue += $2 }
    $1 == "WAITING" { open -= $2 }
    $1 == "ESTAB" || $1 == "CLOSE-WAIT" { ++open }
    END { print queue + 0, (open > 0 ? open : 0) }'
}

# processes_of FOLDER: the name of each process whose program is in FOLDER. The kernel keeps its first 15 letters.
processes_of() {
  pgrep -l -f "^$1/" | cut -d ' ' -f 2 || true
}

# count_of NAME PROCESSES
count_of() {
  grep -c -x "${1:0:15}" <<<"$2" || true
}

# pools PROCESSES: those that processes_of has found. The program that sources this has a function listeners, which prints
# where a pool listens, a line for each.
pools() {
  local pool lines queue busy
  gauge shop_pool_queue_length "Requests that wait for a worker of the pool."
  gauge shop_pool_busy_workers "Workers that serve a request."
  gauge shop_pool_workers "Workers of the pool."
  for pool in products orders; do
    mapfile -t lines < <(listeners "$pool")
    read -r queue busy < <(pool_load "${lines[@]}")
    printf "shop_pool_%s{pool=\"$pool\"} %d\n" queue_length "$queue" busy_workers "$busy" \
      workers "$(count_of "$pool-worker" "$1")"
  done | sort
}

# reconcilers PROCESSES
reconcilers() {
  show_gauge shop_reconcilers "Processes of orders-reconciler." "$(count_of orders-reconciler "$1")"
}

# connections PORT...: those of clients to nginx.
connections() {
  local filter
  filter=$(printf ' or sport = :%s' "$@")
  show_gauge shop_http_connections "Connections of clients to nginx." \
    "$(ss --no-header --tcp state established "( ${filter# or } )" | wc -l)"
}

# part_states SOCKET: what /health says of each part, and nginx itself: "redis read-only". SOCKET is nginx' own: it writes
# no line into the access log, and asks for no host name and no key. If nginx does not answer, nobody knows about the
# others.
part_states() {
  local answer
  answer=$(curl --silent --max-time "$HEALTH_SECONDS" --unix-socket "$1" http://shop/health) ||
    { echo nginx down; return; }
  echo nginx up
  grep -oE '"[a-z]+":"(up|read-only|down)"' <<<"$answer" | tr -d '"' | tr : ' ' || true
}

# health SOCKET: what is up.
health() {
  local states
  states=$(part_states "$1")
  gauge shop_part_up "1 if the part serves, 0 if not. A store that takes no writes serves reads."
  mawk '{ printf "shop_part_up{part=\"%s\"} %d\n", $1, $2 != "down" }' <<<"$states"
  gauge shop_store_read_only "1 if the store takes no writes."
  mawk '/^(redis|postgres) / { printf "shop_store_read_only{store=\"%s\"} %d\n", $1, $2 == "read-only" }' <<<"$states"
}

# certificate FILE: of the copy that nginx serves; its source may be a newer one.
certificate() {
  local end
  end=$(openssl x509 -in "$1" -noout -enddate 2>/dev/null) || return
  show_gauge shop_certificate_expiry_timestamp_seconds "When the certificate that nginx serves ends." \
    "$(date -d "${end#notAfter=}" +%s)"
}

# How long the oldest movement has been pending; 0 if none is. A movement id is a UUID of version 7: its first 48 bits are
# its time in milliseconds. Entries that are no movements do not count.
oldest_pending_seconds() {
  local ids oldest age
  ids=$(ask_redis --raw HKEYS stock:pending) || return
  oldest=$(grep -E '^[0-9a-f]{8}-[0-9a-f]{4}-7' <<<"$ids" | sort | head -n 1) || { echo 0; return; }
  oldest=${oldest//-/}
  age=$((${EPOCHREALTIME/./} / 1000 - 16#${oldest:0:12}))
  ((age >= 0)) || age=0
  printf '%d.%03d\n' "$((age / 1000))" "$((age % 1000))"
}

stores() {
  local pending oldest events bytes
  pending=$(ask_redis HLEN stock:pending) && oldest=$(oldest_pending_seconds) &&
    events=$(ask_redis XLEN orders:events) && bytes=$(ask_redis MEMORY USAGE orders:events SAMPLES 0) || return
  show_gauge shop_movements_pending "Entries of stock:pending." "$pending"
  show_gauge shop_movements_oldest_pending_seconds "How long the oldest movement has been pending; 0 if none is." "$oldest"
  show_gauge shop_events "Events in the stream orders:events." "$events"
  show_gauge shop_events_bytes "Memory that the stream orders:events takes." "${bytes:-0}"
}

# install_stores: the metrics of the Redis that parse_arguments (lib/stores.sh) has noted.
install_stores() {
  REDIS=(timeout "$REDIS_SECONDS" "${REDIS[@]}")
  if ! try stores; then
    require_redis
    fail "Redis has not told all"
  fi
}
