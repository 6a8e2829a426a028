# shellcheck shell=bash
# Fills in nginx's configuration: for the development stack, and for an edge.

readonly OTHER_FILES=128  # What an nginx process has open that serves nobody: logs, sockets, the cache's files.

# What nginx/*.conf has between two @. The program that renders it has the values of these:
#
#   PREFIX                  the folder that nginx is started with (-p)
#   TEMP                    the folder for what does not fit into memory
#   ACCESS_LOG, AUDIT_LOG, ERROR_LOG
#   RUN_AS                  the user that root's nginx changes to
#   LISTEN4, LISTEN6        where the shop is, on IPv4 and on IPv6
#   NAMES_SERVED            its names, as nginx has them
#   TLS                     the file with what HTTPS needs, and for it:
#   REDIRECT4, REDIRECT6    where clients are led to HTTPS
#   HTTPS_HOST              where they are led
#   HSTS, HSTS_SECONDS      the value of Strict-Transport-Security, and its number
#   PRODUCTS_POOL, ORDERS_POOL
#   EDGE_CACHE
#
# The rest are the limits, and KEYS.
declare -A PLACES
PROXIES=()  # The lines of set_real_ip_from.

# listeners PORT: a line for each socket that listens on it, with its processes. ss looks at all files of all processes to
# find these.
listeners() {
  local find=(ss --no-header --listening --tcp --numeric "sport = :$1")
  [ -z "$("${find[@]}")" ] || "${find[@]}" --processes
}

# require_free_port SETTING PID ADDRESSES: fails if a program other than the nginx with this PID, which may be empty,
# listens on the port that the SETTING names, at an address that matches.
require_free_port() {
  local port=${!1} holder name=
  holder=$(listeners "$port" | awk -v addresses="$3" '$4 ~ addresses' |
    grep -vE "pid=${2:-none}," | head -n 1) || return 0
  if [[ $holder =~ \(\(\"([^\"]*)\",pid=([0-9]+) ]]; then
    name=" by ${BASH_REMATCH[1]} (pid ${BASH_REMATCH[2]})"
  fi
  [ -z "$holder" ] || fail "port $port is in use$name: stop that, or choose another with $1=..."
}

# Whether this machine has the address ::1.
has_ipv6() {
  grep -qs '^0\{31\}1 ' /proc/net/if_inet6
}

# allowed_files WANTED PID: how many files an nginx process may have open: WANTED, or fewer if the limit is lower. The
# limit is that of the running nginx PID; if PID is empty, that of this user.
allowed_files() {
  local wanted=$1 pid=$2 allowed
  if [ -n "$pid" ]; then
    allowed=$(sed -n 's/^Max open files  *[0-9]*  *\([0-9]*\) .*/\1/p' "/proc/$pid/limits")
  elif (ulimit -n "$wanted") 2>/dev/null; then
    allowed=$wanted
  else
    allowed=$(ulimit -H -n)
  fi
  echo "$((allowed < wanted ? allowed : wanted))"
}

# open_lists PROCESSES: how many pages each nginx process keeps open. edge_cache.conf says why no more.
open_lists() {
  local lists=$((64 / $1))
  echo "$((lists < 1 ? 1 : lists > 16 ? 16 : lists))"
}

# set_limits PID: nginx.conf says how many files a connection needs, limits.conf how many connections a request needs. The
# processes share them, one process for each CPU (worker_processes auto).
set_limits() {
  local pid=$1 processes room files
  processes=$(getconf _NPROCESSORS_ONLN)
  room=$((CONNECTIONS / processes))
  files=$(allowed_files $(((room < 128 ? 128 : room) * 3 / 2 + OTHER_FILES)) "$pid")
  room=$(((files - OTHER_FILES) * 2 / 3))
  PLACES+=([FILES]=$files [WORKER_CONNECTIONS]=$room [REQUESTS]=$((room * processes / 4))
    [OPEN_LISTS]=$(open_lists "$processes")
    [CLIENT_CONNECTIONS]=$CLIENT_CONNECTIONS [CLIENT_BODY_SECONDS]=$CLIENT_BODY_SECONDS
    [CLIENT_REQUESTS_PER_SECOND]=$CLIENT_REQUESTS_PER_SECOND
    [API_KEY_REQUESTS_PER_SECOND]=$API_KEY_REQUESTS_PER_SECOND)
}

# fill_in FILE...: a line whose place has no value is left out, and so is one for a rate that is not limited.
fill_in() {
  local place places=()
  [ "$CLIENT_REQUESTS_PER_SECOND" != off ] || places+=(-e '/zone=client_rate/d')
  [ "$API_KEY_REQUESTS_PER_SECOND" != off ] || places+=(-e '/zone=key_rate/d')
  for place in "${!PLACES[@]}"; do
    if [ -n "${PLACES[$place]}" ]; then
      places+=(-e "s|@$place@|${PLACES[$place]}|g")
    else
      places+=(-e "/@$place@/d")
    fi
  done
  sed -i "${places[@]}" -- "$@"
}

# For nginx/client_addresses.conf.
proxies_conf() {
  [ "${#PROXIES[@]}" -eq 0 ] || printf 'set_real_ip_from %s;\n' "${PROXIES[@]}"
}

# render_nginx FOLDER PAGES PID: makes FOLDER, the configuration in nginx/ filled in. PAGES is the folder of the API's
# pages, which may be missing; PID is the running nginx, or empty.
render_nginx() {
  local folder=$1 pages=$2 pid=$3
  rm -rf "$folder"
  cp -R --no-preserve=mode "$PROJECT/nginx" "$folder"
  has_ipv6 || PLACES[LISTEN6]='' PLACES[REDIRECT6]=''
  [ ! -d "$pages" ] || cp -R --no-preserve=mode --preserve=timestamps "$pages" "$folder/pages"
  PLACES[KEYS]=on
  [ "$API_KEYS" != off ] || PLACES[KEYS]=off
  set_limits "$pid"
  fill_in "$folder"/*.conf
  origins_map >"$folder/origins.map"
  proxies_conf >"$folder/trusted_proxies.conf"
  api_key_maps "$API_KEYS" "$folder"
}
