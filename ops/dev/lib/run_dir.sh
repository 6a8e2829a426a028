# shellcheck shell=bash
# RUN_DIR: making it, locking it, wiping it.

readonly STATE_ROOT=/var/lib/airship-shop
readonly MARKER=.airship-shop  # Its presence says that a folder is a stack's, and so may be wiped.
readonly LOCK_TIMEOUT=120      # Seconds; longer than another make up takes, once it has built.

# A Unix socket's path has 107 characters at most, and PostgreSQL's is the longest below RUN_DIR.
readonly SOCKET_PATH_MAX=107

# A new PostgreSQL and the workers take 60 MB at once, and the stores need room to grow.
readonly NEW_STACK_MB=128
readonly OLD_STACK_MB=32

# The list cache makes and removes a file for each page after each write, and ext4 takes the longer to make one the more
# have been removed in the last half minute. So it lies in memory, where there is room for it: nginx/list_cache.conf.
readonly CACHE_LINK=nginx/cache_orders
readonly CACHE_ROOT=/dev/shm
readonly CACHE_MB=256

is_stack() {
  [ -e "$RUN_DIR/$MARKER" ]
}

require_own_stack() {
  [ -O "$RUN_DIR/$MARKER" ] || fail "the stack in $RUN_LINK belongs to user $(stat -c %U "$RUN_DIR/$MARKER")"
}

# Root's home and the folders that mktemp makes are closed to the daemons' users.
daemons_can_reach() {
  run_as "$SHOP_USER" test -x "$1/." && run_as "$POSTGRES_USER" test -x "$1/."
}

# Puts the real folder where the daemons can reach it, with RUN_LINK as a link to it. The name depends on nothing but
# RUN_LINK, so two that do this at once do the same.
relocate_run_dir() {
  local name
  name=$(sha256sum <<<"$RUN_LINK")
  if [ -d "$RUN_LINK" ] && [ ! -L "$RUN_LINK" ]; then
    rmdir "$RUN_LINK"
  fi
  mkdir -p "$STATE_ROOT/${name:0:12}"
  ln -sfnT "$STATE_ROOT/${name:0:12}" "$RUN_LINK"
}

is_relocated() {
  [ -L "$RUN_LINK" ] && [[ $RUN_DIR == "$STATE_ROOT"/* ]]
}

require_short_socket_paths() {
  local longest=$RUN_DIR/postgres/.s.PGSQL.5432
  [ "${#longest}" -le "$SOCKET_PATH_MAX" ] ||
    fail "RUN_DIR is $((${#longest} - SOCKET_PATH_MAX)) characters too long for the Unix sockets in it: $RUN_DIR"
}

create_run_dir() {
  local parent
  parent=$(dirname "$RUN_LINK")
  mkdir -p "$parent"
  if [ -n "$(ls -A "$RUN_LINK/" 2>/dev/null)" ]; then
    is_stack || fail "RUN_DIR is not empty, and not a stack's folder: $RUN_LINK"
    require_own_stack
  elif [ ! -L "$RUN_LINK" ] && ! daemons_can_reach "$parent"; then
    relocate_run_dir
  fi
  RUN_DIR=$(realpath --canonicalize-missing -- "$RUN_LINK")
  require_short_socket_paths
  mkdir -p "$RUN_DIR"
  touch "$RUN_DIR/$MARKER"
}

# Gives each daemon the folders that it writes to.
lay_out_run_dir() {
  cd "$RUN_DIR"
  install -d -m 0755 bin state
  install -d -m 0755 -o "$SHOP_USER" . log pids redis nginx
  install -d -m 0755 -o "$POSTGRES_USER" postgres
}

free_mb() {
  local free
  free=$(df --output=avail -BM "$1" 2>/dev/null | tail -n 1)
  echo "${free//[^0-9]/}"
}

# On disk nginx makes the folder itself. The link stays as long as its folder does, which no reboot survives.
lay_out_cache() {
  local folder free
  [ ! -d "$CACHE_LINK" ] || return 0
  rm -f "$CACHE_LINK"
  free=$(free_mb "$CACHE_ROOT")
  if [ "${free:-0}" -ge "$CACHE_MB" ]; then
    folder=$(mktemp -d "$CACHE_ROOT/airship-shop.XXXXXXXX")
    chown "$SHOP_USER" "$folder"
    ln -s "$folder" "$CACHE_LINK"
  fi
}

wipe_cache() {
  local folder
  if folder=$(readlink "$RUN_DIR/$CACHE_LINK") && [[ $folder == "$CACHE_ROOT"/airship-shop.* ]]; then
    rm -rf -- "$folder"
  fi
}

require_free_space() {
  local free needed=$NEW_STACK_MB
  if [ -d "$RUN_DIR/postgres/data" ]; then
    needed=$OLD_STACK_MB
  fi
  free=$(free_mb "$RUN_DIR")
  [ "$free" -ge "$needed" ] || fail "the disk is full: $free MB free in $RUN_DIR, $needed MB needed"
}

# Takes the stack's lock for as long as this process lives. False if the folder was wiped while another process held it.
lock_run_dir() {
  exec {LOCK_FD}>>"$RUN_DIR/$MARKER"
  flock --wait "$LOCK_TIMEOUT" "$LOCK_FD" || fail "another make is at work on the stack in $RUN_LINK"
  [ "/proc/self/fd/$LOCK_FD" -ef "$RUN_DIR/$MARKER" ]
}

prepare_run_dir() {
  load_users
  create_run_dir
  until lock_run_dir; do
    create_run_dir
  done
  require_free_space
  lay_out_run_dir
  lay_out_cache
}

# For the commands that stop or look at a stack and make none. False if there is none.
enter_run_dir() {
  load_users
  is_stack || return 1
  require_own_stack
  lock_run_dir || return 1
  cd "$RUN_DIR"
}

# Whoever made RUN_DIR may have made it a mount point, which can be emptied but not removed.
wipe_run_dir() {
  cd /
  wipe_cache
  find "$RUN_DIR" -mindepth 1 -delete
  rmdir "$RUN_DIR" 2>/dev/null || true
  if is_relocated; then
    rm -f "$RUN_LINK"
  fi
}
