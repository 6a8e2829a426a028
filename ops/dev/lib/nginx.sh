# shellcheck shell=bash
# nginx: the shop's configuration on PORT.

render_stack_nginx() {
  PLACES=([PREFIX]=$RUN_DIR/nginx [TEMP]=temp [EDGE_CACHE]=$EDGE_CACHE
    [ACCESS_LOG]=$RUN_DIR/log/nginx-access.log [ERROR_LOG]=$RUN_DIR/log/nginx-error.log
    [AUDIT_LOG]=$RUN_DIR/log/nginx-audit.log
    [PRODUCTS_POOL]=unix:$RUN_DIR/products.sock [ORDERS_POOL]=unix:$RUN_DIR/orders.sock
    [LISTEN4]="127.0.0.1:$PORT" [LISTEN6]="[::1]:$PORT" [NAMES_SERVED]='"" ~^'
    [RUN_AS]='' [TLS]='' [REDIRECT4]='' [REDIRECT6]='' [HTTPS_HOST]='' [HSTS]='' [HSTS_SECONDS]='')
  render_nginx nginx/conf.new "$PROJECT/build/pages" "$(running_pid nginx || true)"
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
  create_log nginx-audit "$NGINX_USER"
  render_stack_nginx
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
  listeners "$PORT" | grep -qE "pid=($1),"
}

# nginx makes its folders when it checks the configuration (install_nginx_conf), and the sockets only when it starts.
is_whole_nginx() {
  [ -S nginx/run/list.sock ] && [ -S nginx/run/health.sock ]
}

# Allows as many files as the configuration names: Linux gives shells 1024.
allow_files() {
  ulimit -n "$(sed -n 's/^worker_rlimit_nofile \([0-9]*\);/\1/p' nginx/conf/nginx.conf)"
}

start_nginx() {
  set_nginx_command
  mount_cache
  # A killed nginx leaves its sockets, and a new one cannot start with them.
  run_as "$NGINX_USER" rm -f nginx/run/list.sock nginx/run/health.sock
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
  workers=$(children_of "$pid")
  kill -HUP "$pid"
  poll "$START_TIMEOUT" no_longer_listen "$workers" ||
    fail "nginx did not reload: $(reason <log/nginx-error.log)"
}

up_nginx() {
  ensure_running nginx "$(find nginx/conf -type f | sort | xargs sha256sum | sha256sum)"
}
