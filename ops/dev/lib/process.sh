# shellcheck shell=bash
# Starting, finding and stopping the stack's processes.
#
# While a pool is being replaced (pool.sh) there are two of it: PART.new or PART.old beside PART.
#
# A part of the stack is one daemon with its children. Each leads a session of its own (setsid), whose id is the pid in
# pids/PART.pid: so its children can be found even after it was killed.

readonly POLL_INTERVAL=0.05  # Seconds between two looks at a condition.
readonly START_TIMEOUT=30    # Seconds; it takes one, unless a store has to recover.

# The users that the daemons run as. PostgreSQL refuses to run as root, and the rest should not.
load_users() {
  if [ "$EUID" -eq 0 ]; then
    POSTGRES_USER=postgres
    SHOP_USER=www-data
  else
    POSTGRES_USER=$(id -un)
    SHOP_USER=$POSTGRES_USER
  fi
}

# exec_as USER COMMAND...: replaces the shell by the command, so that the process keeps its pid. The command gets nothing
# of the caller's environment, and no open files but the standard three: a daemon would keep the lock, and let whoever
# reads make's output through a pipe wait for its end for ever.
#
# The batch policy, sched(7), gives it as much CPU as any other, but a process that is woken does not interrupt the one
# that woke it. A request wakes four; with the usual policy each of them breaks into what another is about to finish.
exec_as() {
  local user=$1 switch=() fd
  shift
  if [ "$EUID" -eq 0 ]; then
    switch=(setpriv "--reuid=$user" "--regid=$user" --init-groups --)
  fi
  for fd in /proc/self/fd/*; do
    fd=${fd##*/}
    [ "$fd" -le 2 ] || exec {fd}>&-
  done
  exec "${switch[@]}" chrt --batch 0 env -i "PATH=$PATH" "LC_ALL=C.UTF-8" "$@"
}

run_as() {
  (exec_as "$@")
}

# What a part's process is called, and what its command line contains; together they tell it from a stranger that has
# been given the pid of a stale pid file.
process_name() {
  case ${1%.*} in
    postgres) echo postgres ;;
    redis) echo redis-server ;;
    reconciler | products | orders) echo multiwatch ;;
    nginx) echo nginx ;;
  esac
}

process_argument() {
  case ${1%.*} in
    postgres) echo "$RUN_DIR/postgres/data" ;;
    redis) echo "$RUN_DIR/redis/" ;;
    reconciler | products | orders) echo "$RUN_DIR/bin/$(program "${1%.*}")" ;;
    nginx) echo "$RUN_DIR/nginx/" ;;
  esac
}

# False for a zombie, too. The command line would not do to tell: it is empty for a moment in every exec.
is_alive() {
  grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status"
}

recorded_pid() {
  local pid
  read -r pid 2>/dev/null <"$RUN_DIR/pids/$1.pid" && [[ $pid =~ ^[1-9][0-9]*$ ]] && echo "$pid"
}

# The pid of a part that runs; false if it does not.
running_pid() {
  local part=$1 pid
  pid=$(recorded_pid "$part") || return 1
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$(process_name "$part")" ] || return 1
  tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- "$(process_argument "$part")" || return 1
  echo "$pid"
}

# poll SECONDS COMMAND...: true as soon as the command is, false when the time is up.
poll() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep "$POLL_INTERVAL"
  done
}

# attempt WHAT COMMAND...: a command whose output matters only if it fails; then its last line tells why.
attempt() {
  local what=$1 output
  shift
  output=$("$@" 2>&1) || fail "$what: $(reason <<<"$output")"
}

# start_daemon PART USER COMMAND...
start_daemon() {
  local part=$1 user=$2
  shift 2
  (exec_as "$user" setsid "$@") </dev/null >>"$RUN_DIR/log/${part%.*}.log" 2>&1 &
  echo "$!" >"$RUN_DIR/pids/$part.pid"
}

# fail_start PART: ends this run with what the part's log says last.
fail_start() {
  local log=$RUN_DIR/log/${1%.*}.log
  fail "${1%.*} did not start: $(reason <"$log") ($log)"
}

is_ready_or_dead() {
  local pid=$1
  shift
  "$@" >/dev/null 2>&1 || ! is_alive "$pid"
}

# wait_until_ready PART COMMAND...
wait_until_ready() {
  local part=$1 pid
  shift
  pid=$(recorded_pid "$part")
  poll "$START_TIMEOUT" is_ready_or_dead "$pid" "$@" || fail_start "$part"
  running_pid "$part" >/dev/null || fail_start "$part"
}

# Zombies do not count: in a container nobody may ever reap them.
session_is_empty() {
  [ -z "$(pgrep --session "$1" --runstates DRSTt)" ]
}

# A pid in use as a session's id is given to nobody else, so while a session outlives its leader it is still the part's.
stop_orphans() {
  local part=$1 session
  session=$(recorded_pid "$part") || return 0
  if ! is_alive "$session" && ! session_is_empty "$session"; then
    pkill -TERM --session "$session" || true
    poll 5 session_is_empty "$session" || pkill -KILL --session "$session" || true
  fi
}

# stop_daemon PART [SIGNAL SECONDS]...: each signal in turn, until the part and its children are gone; at last KILL.
stop_daemon() {
  local part=$1 pid
  shift
  if pid=$(running_pid "$part"); then
    while [ "$#" -gt 0 ] && ! session_is_empty "$pid"; do
      kill -s "$1" "$pid" 2>/dev/null || true
      poll "$2" session_is_empty "$pid" && break
      shift 2
    done
    if ! session_is_empty "$pid"; then
      echo "airship-shop: ${part%.*} (pid $pid) did not end in time, and is killed" >&2
      pkill -KILL --session "$pid" || true
      poll 5 session_is_empty "$pid" || fail "${part%.*} (pid $pid) cannot be stopped"
    fi
  fi
  stop_orphans "$part"
  rm -f "$RUN_DIR/pids/$part.pid" "$RUN_DIR/state/$part"
}

# stop_part PART: gracefully, with a deadline.
stop_part() {
  case $1 in
    nginx) stop_daemon nginx QUIT 45 TERM 5 ;;  # Longer than worker_shutdown_timeout in nginx.conf.
    products | orders) stop_pool "$1" ;;
    *.new) settle_pool "${1%.*}" ;;
    reconciler) stop_workers reconciler ;;
    redis) stop_daemon redis TERM 15 ;;
    postgres) stop_daemon postgres INT 60 QUIT 10 ;;  # INT: end the sessions. QUIT: and leave the rest to recovery.
  esac
}

stop_stack() {
  local index
  for ((index = ${#PARTS[@]} - 1; index >= 0; index--)); do
    stop_part "${PARTS[index]}"
  done
}

STARTED=()  # What this run has started, the latest first.

# Stops again what this run has started, if it ends before it is done.
undo_on_failure() {
  local status=$? part
  if [ "$status" -ne 0 ]; then
    trap '' INT TERM
    for part in "${STARTED[@]}"; do
      (stop_part "$part") || true
    done
  fi
  exit "$status"
}

# ensure_running PART FINGERPRINT: starts the part unless it runs. If it does, but was started with something other than
# the fingerprint stands for, it is reloaded if it can be, else restarted.
ensure_running() {
  local part=$1 fingerprint=$2
  if running_pid "$part" >/dev/null; then
    if [ "$fingerprint" = "$(cat "$RUN_DIR/state/$part" 2>/dev/null)" ]; then
      return
    fi
    if declare -F "reload_$part" >/dev/null; then
      "reload_$part"
      echo "$fingerprint" >"$RUN_DIR/state/$part"
      return
    fi
  fi
  stop_part "$part"
  STARTED=("$part" "${STARTED[@]}")
  "start_$part"
  echo "$fingerprint" >"$RUN_DIR/state/$part"
}

# fingerprint FILE...: changes with the names and the contents of the files.
fingerprint() {
  sha256sum -- "$@" | sha256sum | cut -d ' ' -f 1
}

# render TEMPLATE...: fills in what a configuration file cannot know.
render() {
  sed -e "s|@RUN_DIR@|$RUN_DIR|g" -e "s|@PORT@|$PORT|g" -e "s|@ORDERS_CACHE@|$ORDERS_CACHE|g" -- "$@"
}
