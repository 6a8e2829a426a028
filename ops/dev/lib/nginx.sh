# shellcheck shell=bash
# nginx: the shop's configuration on PORT.

# What listens on PORT where nginx is to listen, other than this stack's nginx.
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

# How many lists nginx keeps open in each of its processes, one for each CPU: list_cache.conf says why no more.
open_lists() {
  local lists
  lists=$((64 / $(getconf _NPROCESSORS_ONLN)))
  echo "$((lists < 1 ? 1 : lists > 16 ? 16 : lists))"
}

render_nginx() {
  local file
  rm -rf nginx/conf.new
  cp -R "$PROJECT/nginx" nginx/conf.new
  for file in nginx/conf.new/*.conf; do
    render "$PROJECT/nginx/${file##*/}" >"$file"
  done
  sed -i "s|@OPEN_LISTS@|$(open_lists)|" nginx/conf.new/*.conf
  has_ipv6 || sed -i '/listen \[::1\]/d' nginx/conf.new/*.conf
  echo "$PORT" >nginx/conf.new/port
}

run_nginx() {
  run_as "$SHOP_USER" nginx -p "$RUN_DIR/nginx/" -c "$RUN_DIR/nginx/conf/nginx.conf" -e "$RUN_DIR/log/nginx-error.log" "$@"
}

# Puts the rendered configuration in its place if it is valid there; if not, the old one stays. A running nginx
# looks at neither before it is told to reload.
install_nginx_conf() {
  local output
  render_nginx
  rm -rf nginx/conf.old
  [ ! -d nginx/conf ] || mv nginx/conf nginx/conf.old
  mv nginx/conf.new nginx/conf
  if ! output=$(run_nginx -t -q 2>&1); then
    rm -rf nginx/conf
    [ ! -d nginx/conf.old ] || mv nginx/conf.old nginx/conf
    fail "nginx's configuration: $(reason <<<"$output")"
  fi
  rm -rf nginx/conf.old
}

start_nginx() {
  # Sockets that a killed nginx has left would be in the way.
  find nginx -type s -delete
  attempt "nginx did not start" run_nginx
  poll "$START_TIMEOUT" running_pid nginx >/dev/null || fail_start nginx-error
}

# Whether none of these processes, one a line, takes requests any more.
no_longer_listen() {
  ! ss --no-header --listening --tcp --processes "sport = :$PORT" | grep -qE "pid=(${1//$'\n'/|}),"
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
