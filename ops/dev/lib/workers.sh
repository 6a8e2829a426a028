# shellcheck shell=bash
# The workers' programs under their supervisor: multiwatch keeps N workers of a program running.

# multiwatch gives a worker up after RETRIES deaths in a row that each came less than RETRY_TIMEOUT_MS after the start.
# It ends when it has given all up. A worker that cannot start dies within milliseconds, so its part ends in a second or
# two, and somebody notices. A worker that has lived longer was able to start: whatever kills it, multiwatch starts it
# again, as often as needed.
readonly RETRIES=250
readonly RETRY_TIMEOUT_MS=50

program() {
  case $1 in
    products | orders) echo "$1-worker" ;;
    reconciler) echo orders-reconciler ;;
  esac
}

# For sh -c: reads an environment, NAME=value on each line, and runs a command with it and nothing else. A setting may
# hold a password, and anybody can read a command line. So no setting is on one, not even on that of env(1).
# shellcheck disable=SC2016  # The inner sh expands it.
readonly WITH_ENVIRONMENT='
unset PWD OLDPWD PATH LC_ALL
while IFS= read -r setting; do
  export "$setting"
done
exec "$@" </dev/null'

# Only the user that runs make may read the file.
write_environment() {
  (umask 077 && worker_environment "$1" >"$1.env.new")
  mv "$1.env.new" "$1.env"
}

# check_program PART SETTINGS [OPTION]: lets the program itself check its settings before it is started with them.
check_program() {
  local message
  message=$(env -i sh -c "$WITH_ENVIRONMENT" sh "$BUILD_DIR/$(program "$1")" "${3:---check-config}" 2>&1 <<<"$2") ||
    fail "$(reason <<<"$message")"
}

# check_workers PART [OPTION]
check_workers() {
  local settings
  settings=$(worker_environment "$1")
  check_program "$1" "$settings" "${@:2}"
}

# Running workers keep the file that they were started from. The new file is written beside it and then takes its name.
install_program() {
  local file
  file=$(program "$1")
  if ! cmp --silent "$BUILD_DIR/$file" "bin/$file"; then
    install -m 0755 "$BUILD_DIR/$file" "bin/$file.new"
    mv "bin/$file.new" "bin/$file"
  fi
}

how_many() {
  case $1 in
    products) echo "$PRODUCTS_WORKERS" ;;
    orders) echo "$ORDERS_WORKERS" ;;
    reconciler) echo 1 ;;
  esac
}

# start_workers PART USER [COMMAND...]: starts the supervisor, with the command if there is one.
start_workers() {
  local part=$1 user=$2 workers=${1%.*}
  shift 2
  start_daemon "$part" "$user" sh -c "$WITH_ENVIRONMENT" sh "$@" \
    /usr/bin/multiwatch -f "$(how_many "$workers")" -r "$RETRIES" -t "$RETRY_TIMEOUT_MS" -- \
    "$RUN_DIR/bin/$(program "$workers")" <"$workers.env"
  wait_until_ready "$part" workers_are_ready "$part"
}

# The reconciler waits for its signals instead of catching them.
workers_are_ready() {
  local supervisor workers=${1%.*}
  supervisor=$(running_pid "$1") || return
  if [ "$workers" = reconciler ]; then
    runs_program "$(children_of "$supervisor")" "$(program reconciler)"
  else
    workers_are_whole "$supervisor" "$(program "$workers")" "$(how_many "$workers")"
  fi
}

# At SIGTERM multiwatch starts no more workers, sends each one SIGUSR1 (Debian's version has a bug: with -s TERM it
# sends SIGQUIT), and ends after the last. It gets a second SIGTERM, which it passes on as SIGTERM, because a worker
# that has just been forked loses the signals that come before it runs the worker's program. After the deadline nginx
# has given up the request (fastcgi_read_timeout).
stop_workers() {
  stop_daemon "$1" TERM 2 TERM 14
}

start_reconciler() {
  start_workers reconciler "$WORKERS_USER"
}

# It has no file that could be lost.
is_whole_reconciler() {
  true
}

# What workers are started from. When it changes, they are restarted. install_program leaves a program alone that is the
# same.
fingerprint_of_workers() {
  echo "$(how_many "$1") $(fingerprint "$1.env") $(stat -c '%i %Y' "bin/$(program "$1")")"
}

up_reconciler() {
  check_workers reconciler --check-redis
  create_log reconciler
  install_program reconciler
  write_environment reconciler
  ensure_running reconciler "$(fingerprint_of_workers reconciler)"
}
