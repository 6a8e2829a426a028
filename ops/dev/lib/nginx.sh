# shellcheck shell=bash
# nginx: the shop's configuration on PORT.

readonly OTHER_FILES=128  # What an nginx process has open that serves nobody: logs, sockets, the cache's files.

# What listens on PORT at one of nginx's addresses, other than this stack's nginx.
port_holder() {
  ss --no-header --listening --tcp --numeric --processes "sport = :$PORT" |
    awk '$4 ~ /^(127\.0\.0\.1|0\.0\.0\.0|\*|\[::1\]|\[::\]):/' | grep -vE "pid=$(running_pid nginx || echo none)," | head -n 1
}

require_free_port() {
  local holder name=
  holder=$(port_holder) || return 0
  [ -n "$holder" ] || return 0
  if [[ $holder =~ \(\(\"([^\"]*)\",pid=([0-9]+) ]]; then
    name=" by ${BASH_REMATCH[1]} (pid ${BASH_REMATCH[2]})"
  fi
  fail "port $PORT is in use$name: stop that, or choose another with PORT=..."
}

# Whether this machine has the address ::1.
has_ipv6() {
  grep -qs '^0\{31\}1 ' /proc/net/if_inet6
}

# allowed_files WANTED: how many files an nginx process may have open: WANTED, or fewer if the limit is lower. The limit
# is that of a running nginx, else that of this user.
allowed_files() {
  local wanted=$1 pid allowed
  if pid=$(running_pid nginx); then
    allowed=$(sed -n 's/^Max open files  *[0-9]*  *\([0-9]*\) .*/\1/p' "/proc/$pid/limits")
  elif (ulimit -n "$wanted") 2>/dev/null; then
    allowed=$wanted
  else
    allowed=$(ulimit -H -n)
  fi
  echo "$((allowed < wanted ? allowed : wanted))"
}

# How many lists each nginx process keeps open. There is one process for each CPU; list_cache.conf says why no more
# lists.
open_lists() {
  local lists
  lists=$((64 / $(getconf _NPROCESSORS_ONLN)))
  echo "$((lists < 1 ? 1 : lists > 16 ? 16 : lists))"
}

# Fills in the limits. nginx.conf says how many files a connection needs, limits.conf how many connections a request
# needs. The processes share them, one process for each CPU (worker_processes auto).
render_limits() {
  local processes room files
  processes=$(getconf _NPROCESSORS_ONLN)
  room=$((CONNECTIONS / processes))
  files=$(allowed_files $(((room < 128 ? 128 : room) * 3 / 2 + OTHER_FILES)))
  room=$(((files - OTHER_FILES) * 2 / 3))
  sed -i -e "s|@FILES@|$files|" -e "s|@WORKER_CONNECTIONS@|$room|" -e "s|@REQUESTS@|$((room * processes / 4))|" \
    -e "s|@OPEN_LISTS@|$(open_lists)|" \
    -e "s|@CLIENT_CONNECTIONS@|$CLIENT_CONNECTIONS|" -e "s|@CLIENT_BODY_SECONDS@|$CLIENT_BODY_SECONDS|" \
    -e "s|@CLIENT_REQUESTS_PER_SECOND@|$CLIENT_REQUESTS_PER_SECOND|" -- "$@"
  [ "$CLIENT_REQUESTS_PER_SECOND" != off ] || sed -i '/zone=client_rate/d' -- "$@"
  has_ipv6 || sed -i '/listen \[::1\]/d' -- "$@"
}

render_nginx() {
  local file
  rm -rf nginx/conf.new
  cp -R --no-preserve=mode "$PROJECT/nginx" nginx/conf.new
  [ ! -d "$PROJECT/build/pages" ] || cp -R --no-preserve=mode --preserve=timestamps "$PROJECT/build/pages" nginx/conf.new/pages
  for file in nginx/conf.new/*.conf; do
    render "$PROJECT/nginx/${file##*/}" >"$file"
  done
  render_limits nginx/conf.new/*.conf
  origins_map >nginx/conf.new/origins.map
  echo "$PORT" >nginx/conf.new/port
}

# Sets NGINX, nginx's command line.
set_nginx_command() {
  NGINX=(nginx -p "$RUN_DIR/nginx/" -c "$RUN_DIR/nginx/conf/nginx.conf" -e "$RUN_DIR/log/nginx-error.log")
}

# Puts the rendered configuration in its place if it is valid there. If not, the old one stays. A running nginx reads
# neither of them before it gets the signal to reload.
install_nginx_conf() {
  local output
  set_nginx_command
  create_log nginx-error "$NGINX_USER"
  create_log nginx-access "$NGINX_USER"
  render_nginx
  rm -rf nginx/conf.old
  [ ! -d nginx/conf ] || mv nginx/conf nginx/conf.old
  mv nginx/conf.new nginx/conf
  if ! output=$(run_as "$NGINX_USER" "${NGINX[@]}" -t -q 2>&1); then
    rm -rf nginx/conf
    [ ! -d nginx/conf.old ] || mv nginx/conf.old nginx/conf
    fail "nginx's configuration: $(reason <<<"$output")"
  fi
  rm -rf nginx/conf.old
}

listens() {
  ss --no-header --listening --tcp --processes "sport = :$PORT" | grep -qE "pid=($1),"
}

# nginx makes its folders when it checks the configuration (install_nginx_conf), and the socket only when it starts.
is_whole_nginx() {
  [ -S nginx/run/list.sock ]
}

# Allows as many files as the configuration names: Linux gives shells 1024.
allow_files() {
  ulimit -n "$(sed -n 's/^worker_rlimit_nofile \([0-9]*\);/\1/p' nginx/conf/nginx.conf)"
}

start_nginx() {
  set_nginx_command
  mount_cache
  # A killed nginx leaves its socket, and a new one cannot start with it.
  run_as "$NGINX_USER" rm -f nginx/run/list.sock
  (trap '' INT TERM && allow_files && start_daemon nginx "$NGINX_USER" "${NGINX[@]}" -g 'daemon off;' </dev/null)
  wait_until_ready nginx listens "$(recorded_pid nginx)"
}

stop_nginx() {
  stop_daemon nginx QUIT 45 TERM 5  # Longer than worker_shutdown_timeout in nginx.conf.
  unmount_cache
}

# no_longer_listen PIDS: whether none of these processes, one on each line, takes requests any more.
no_longer_listen() {
  ! listens "${1//$'\n'/|}"
}

reload_nginx() {
  local pid workers
  pid=$(running_pid nginx)
  workers=$(pgrep --parent "$pid")
  kill -HUP "$pid"
  poll "$START_TIMEOUT" no_longer_listen "$workers" ||
    fail "nginx did not reload: $(reason <log/nginx-error.log)"
}

up_nginx() {
  ensure_running nginx "$(find nginx/conf -type f | sort | xargs sha256sum | sha256sum)"
}
