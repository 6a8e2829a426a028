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

is_stack() {
  [ -e "$RUN_DIR/$MARKER" ] || [ -L "$RUN_DIR/$MARKER" ]
}

require_own_stack() {
  require_trusted_path "$RUN_LINK"
  [ -O "$RUN_DIR" ] || fail "the stack in $RUN_LINK belongs to user $(stat -c %U "$RUN_DIR")"
  is_own_file "$RUN_DIR/$MARKER" || fail "RUN_DIR is not a stack's folder: $RUN_DIR/$MARKER is not a file of user $(id -un)"
}

# Root's home and the folders that mktemp makes are closed to the daemons' users.
daemons_can_reach() {
  local user
  for user in "$POSTGRES_USER" "$REDIS_USER" "$WORKERS_USER" "$NGINX_USER"; do
    run_as "$user" test -x "$1/." || return
  done
}

# Puts the real folder where the daemons can reach it, with RUN_LINK as a link to it. The name depends on nothing but
# RUN_LINK, so two that do this at once do the same.
relocate_run_dir() {
  local name
  name=$(sha256sum <<<"$RUN_LINK")
  if is_real_folder "$RUN_LINK"; then
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

# The path is looked at again when all of it is there: in a sticky folder others may have been faster.
create_run_dir() {
  local parent
  parent=$(dirname "$RUN_LINK")
  ! has_earlier_layout || take_run_dir_over
  require_trusted_path "$RUN_LINK"
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
  [ -O "$RUN_DIR" ] || fail "RUN_DIR belongs to user $(stat -c %U "$RUN_DIR"): $RUN_LINK"
  chmod 0755 "$RUN_DIR"
  is_stack || (umask 077 && : >"$RUN_DIR/$MARKER")
  require_own_stack
}

# The folders of who runs make, which nobody else can change, and those of one daemon each: a store's, with its socket,
# can be entered by the workers, too.
lay_out_run_dir() {
  local store_mode=0700
  [ "$EUID" -ne 0 ] || store_mode=2710
  own_folder bin 0755
  own_folder conf 0755
  own_folder log 0755
  own_folder nginx 0755
  own_folder pids 0755
  own_folder state 0700
  leaf_folder postgres "$store_mode" "$POSTGRES_USER" "$(id -gn "$WORKERS_USER")"
  leaf_folder redis "$store_mode" "$REDIS_USER" "$(id -gn "$WORKERS_USER")"
  leaf_folder nginx/run 0700 "$NGINX_USER" "$(id -gn "$NGINX_USER")"
  leaf_folder nginx/temp 0700 "$NGINX_USER" "$(id -gn "$NGINX_USER")"
  leaf_folder "$CACHE" 0700 "$NGINX_USER" "$(id -gn "$NGINX_USER")"
}

# A list cache that is in use has taken of its room already.
require_free_space() {
  local free needed=$NEW_STACK_MB
  if [ -d "$RUN_DIR/postgres/data" ]; then
    needed=$OLD_STACK_MB
  fi
  cache_is_mounted || running_pid nginx >/dev/null || needed=$((needed + CACHE_ON_DISK_MB))
  free=$(df --output=avail -BM "$RUN_DIR" | tail -n 1)
  free=${free//[^0-9]/}
  [ "$free" -ge "$needed" ] || fail "the disk is full: $free MB free in $RUN_DIR, $needed MB needed"
}

# Takes the stack's lock for as long as this process lives. False if the folder was wiped while another process held it.
lock_run_dir() {
  exec {LOCK_FD}>>"$RUN_DIR/$MARKER"
  flock --wait "$LOCK_TIMEOUT" "$LOCK_FD" || fail "another make is at work on the stack in $RUN_LINK"
  [ "/proc/self/fd/$LOCK_FD" -ef "$RUN_DIR/$MARKER" ]
}

prepare_run_dir() {
  require_users
  create_run_dir
  until lock_run_dir; do
    create_run_dir
  done
  cd "$RUN_DIR"
  ! has_earlier_layout || bring_layout_up_to_date
  lay_out_run_dir
}

# For the commands that stop or look at a stack and make none. False if there is none.
enter_run_dir() {
  is_stack || return 1
  ! has_earlier_layout || fail "the stack in $RUN_LINK is one of an earlier version: make up takes it over"
  require_own_stack
  lock_run_dir || return 1
  cd "$RUN_DIR"
}

# Whoever made RUN_DIR may have made it a mount point, which can be emptied but not removed. find follows no link, and
# what a daemon may have left behind cannot lead it astray.
wipe_run_dir() {
  cd /
  find "$RUN_DIR" -xdev -mindepth 1 -delete
  rmdir "$RUN_DIR" 2>/dev/null || true
  if is_relocated; then
    rm -f "$RUN_LINK"
  fi
}
