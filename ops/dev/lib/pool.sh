# shellcheck shell=bash
# A worker pool: spawn-fcgi makes the socket and becomes multiwatch. All of multiwatch's workers accept on the socket.

# Seconds. A connect(2) that has looked up the socket's path just before the rename still enters the old queue. It takes
# microseconds, unless nginx is scheduled away in the middle.
readonly LAST_CONNECT=0.1

# start_pool_on SOCKET PART: only nginx and root may connect. The workers may not write to RUN_DIR, so root's spawn-fcgi
# makes the socket there. Then it becomes the workers' user, and after that multiwatch.
start_pool_on() {
  local users=()
  if [ "$EUID" -eq 0 ]; then
    users=(-u "$WORKERS_USER" -U "$NGINX_USER")
  fi
  rm -f "$1"
  start_workers "$2" "$CALLER" /usr/bin/spawn-fcgi -n -s "$RUN_DIR/$1" -M 0600 "${users[@]}" --
}

start_products() {
  start_pool_on products.sock products
}

start_orders() {
  start_pool_on orders.sock orders
}

# replace_pool POOL: puts a new pool in the place of the old one, and no request fails. The new pool starts beside the
# old one, on a socket of its own. That socket then takes the path of the old one, in one step (ss goes on to show the
# path that it was made with). nginx keeps no connection and looks up the path for each new one. When nobody can reach
# the old pool any more, it gets SIGTERM, and answers what it has and what waits in its queue.
#
# Two servers in nginx's upstream would not need the rename, but they would need fastcgi_next_upstream, which would
# repeat a PUT or a DELETE that a worker has already done.
replace_pool() {
  local pool=$1
  settle_pool "$pool"
  STARTED=("$pool.new" "${STARTED[@]}")
  start_pool_on "$pool.sock.new" "$pool.new"
  cp "pids/$pool.pid" "pids/$pool.old.pid"
  mv "pids/$pool.new.pid" "pids/$pool.pid"
  settle_pool "$pool"
}

# Finishes what replace_pool has begun, also when it was interrupted. Before the new pool's pid file is in its place,
# the old pool stays and the new one goes; after that, the old pool goes.
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
