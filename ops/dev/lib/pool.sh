# shellcheck shell=bash
# A worker pool: spawn-fcgi makes the socket and becomes multiwatch, whose workers all accept on it.

# A connect(2) that has looked the socket's path up just before the rename is still on its way into the old queue.
# Seconds; it takes microseconds, unless nginx is scheduled away in the middle.
readonly LAST_CONNECT=0.1

# start_pool_on SOCKET PART: only nginx, and root, may connect. RUN_DIR is no folder of the workers: root's spawn-fcgi
# makes the socket there, and becomes the workers' user before it becomes multiwatch.
start_pool_on() {
  local users=()
  if [ "$EUID" -eq 0 ]; then
    users=(-u "$WORKERS_USER" -U "$NGINX_USER")
  fi
  rm -f "$1"
  start_workers "$2" "$(id -un)" /usr/bin/spawn-fcgi -n -s "$RUN_DIR/$1" -M 0600 "${users[@]}" --
}

start_products() {
  start_pool_on products.sock products
}

start_orders() {
  start_pool_on orders.sock orders
}

# replace_pool POOL: a new pool for an old one, and no request fails. The new one starts beside the old on a socket of
# its own, which then takes the old one's path, in one step (ss goes on to show the path it was made with): nginx looks
# the path up for each connection, and keeps none. The old pool gets SIGTERM when nobody can reach it any more, and
# answers what it has and what waits in its queue.
#
# Two servers in nginx's upstream would do without the rename, but not without fastcgi_next_upstream, which would repeat
# a PUT or a DELETE that had been done.
replace_pool() {
  local pool=$1
  settle_pool "$pool"
  STARTED=("$pool.new" "${STARTED[@]}")
  start_pool_on "$pool.sock.new" "$pool.new"
  cp "pids/$pool.pid" "pids/$pool.old.pid"
  mv "pids/$pool.new.pid" "pids/$pool.pid"
  settle_pool "$pool"
}

# Finishes what replace_pool has begun: the end of it, or whatever was left when it was interrupted. Until the new
# pool's pid is in its place, the old one stays; from then on, it goes.
settle_pool() {
  local pool=$1
  if [ -e "pids/$pool.new.pid" ]; then
    stop_workers "$pool.new"
    rm -f "$pool.sock.new" "pids/$pool.old.pid"
  fi
  if [ -e "pids/$pool.old.pid" ]; then
    [ ! -e "$pool.sock.new" ] || mv -T "$pool.sock.new" "$pool.sock"
    sleep "$LAST_CONNECT"
    stop_workers "$pool.old"
  fi
}

is_whole_products() {
  [ -S products.sock ]
}

is_whole_orders() {
  [ -S orders.sock ]
}

stop_pool() {
  settle_pool "$1"
  stop_workers "$1"
}

reload_products() {
  replace_pool products
}

reload_orders() {
  replace_pool orders
}

up_pool() {
  local pool=$1
  settle_pool "$pool"
  create_log "$pool"
  install_program "$pool"
  write_environment "$pool"
  ensure_running "$pool" "$(fingerprint_of_workers "$pool")"
}
