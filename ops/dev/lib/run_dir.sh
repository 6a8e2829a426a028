# shellcheck shell=bash
# Makes, locks and wipes RUN_DIR.

readonly STATE_ROOT=/var/lib/airship-shop
readonly MARKER=.airship-shop  # A folder with this file is a stack's, so it may be wiped.
readonly LOCK_TIMEOUT=120      # Seconds; longer than another make up takes, once it has built.

# A Unix socket's path has at most 107 characters. PostgreSQL's is the longest in RUN_DIR.
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
  is_own_file "$RUN_DIR/$MARKER" || fail "RUN_DIR is not a stack's folder: $RUN_DIR/$MARKER is not a file of user $CALLER"
}

# daemons_can_reach FOLDER: they cannot reach root's home, for example, or a folder that mktemp made.
daemons_can_reach() {
  local user
  for user in "$POSTGRES_USER" "$REDIS_USER" "$WORKERS_USER" "$NGINX_USER"; do
    run_as "$user" test -x "$1/." || return
  done
}

# Puts the real folder where the daemons can reach it, and makes RUN_LINK a link to it. The name depends only on
# RUN_LINK, so two runs at the same time do the same.
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

# At the end it checks the path again (require_own_stack): in a sticky folder another user may have been faster.
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

# Makes the folders. Some belong to the user that runs make, and nobody else can change them. The others belong to one
# daemon each. The workers can enter a store's folder, too, where its socket is.
lay_out_run_dir() {
  local store_mode=0700 workers_group
  [ "$EUID" -ne 0 ] || store_mode=2710
  workers_group=$(id -gn "$WORKERS_USER")
  own_folders 0755 bin conf log nginx pids
  own_folders 0700 state
  leaf_folders "$store_mode" "$POSTGRES_USER" "$workers_group" postgres
  leaf_folders "$store_mode" "$REDIS_USER" "$workers_group" redis
  leaf_folders 0700 "$NGINX_USER" "$(id -gn "$NGINX_USER")" nginx/run nginx/temp "$CACHE"
}

# A cache in use has its room already.
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

# Takes the stack's lock for as long as this process lives. False if another process wiped the folder while it held the
# lock.
lock_run_dir() {
  exec {LOCK_FD}>>"$RUN_DIR/$MARKER"
  flock --wait "$LOCK_TIMEOUT" "$LOCK_FD" || fail "another make is at work on the stack in $RUN_LINK"
  [ "/proc/self/fd/$LOCK_FD" -ef "$RUN_DIR/$MARKER" ] && look_for_lost_processes
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

# For the commands that stop or use a stack and do not make one. False if there is none.
enter_run_dir() {
  is_stack || return 1
  ! has_earlier_layout || fail "the stack in $RUN_LINK is one of an earlier version: make up takes it over"
  require_own_stack
  lock_run_dir || return 1
  cd "$RUN_DIR"
}

# RUN_DIR may be a mount point, which can be emptied but not removed. find follows no link, so a link that a daemon has
# made cannot lead it elsewhere.
wipe_run_dir() {
  cd /
  find "$RUN_DIR" -xdev -mindepth 1 -delete
  rmdir "$RUN_DIR" 2>/dev/null || true
  if is_relocated; then
    rm -f "$RUN_LINK"
  fi
}
