# shellcheck shell=bash
# Starts and stops the stack's processes.
#
# A part of the stack is one daemon with its children. Each daemon leads a session of its own (setsid), whose id is the
# pid in pids/PART.pid. So its children can be found even after it was killed.
#
# While a pool is being replaced (pool.sh), it has a second part: PART.new or PART.old beside PART.

readonly POLL_INTERVAL=0.05  # Seconds between two looks at a condition.
readonly START_TIMEOUT=30    # Seconds; it takes one, unless a store has to recover.

# exec_as USER COMMAND...: replaces the shell with the command, so that the process keeps its pid. The command gets
# nothing of the caller's environment, and no open files except the standard three. Otherwise a daemon would keep the
# lock of RUN_DIR, and a reader of make's output through a pipe would wait for ever for its end. Only its user can
# read the files that it makes.
#
# The batch policy, sched(7), gives a process as much CPU as the usual policy, but a process that is woken does not
# interrupt the one that woke it. A request wakes four processes. With the usual policy each of them interrupts another
# that is about to finish.
exec_as() {
  local user=$1 switch=() fd
  shift
  if [ "$EUID" -eq 0 ]; then
    switch=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --init-groups --)
  fi
  umask 077
  for fd in /proc/self/fd/*; do
    fd=${fd##*/}
    [ "$fd" -le 2 ] || exec {fd}>&-
  done
  # --default-signal: bash makes background processes ignore INT and QUIT, and start_daemon makes them ignore TERM.
  exec "${switch[@]}" chrt --batch 0 env -i --default-signal=INT,QUIT,TERM "PATH=$PATH" "LC_ALL=C.UTF-8" "$@"
}

run_as() {
  (exec_as "$@")
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

# attempt WHAT COMMAND...: runs a command whose output matters only if it fails. Then the run ends with the reason.
attempt() {
  local what=$1 output
  shift
  output=$("$@" 2>&1) || fail "$what: $(reason <<<"$output")"
}

# A part's log also gets what the part says before it opens a log itself.
log_of() {
  case ${1%.*} in
    nginx) echo "$RUN_DIR/log/nginx-error.log" ;;
    *) echo "$RUN_DIR/log/${1%.*}.log" ;;
  esac
}

# create_log NAME [USER]: makes a log, of USER, if it is not there. nginx opens its logs itself; the other parts get an
# open file.
create_log() {
  local log=$RUN_DIR/log/$1.log
  if [ ! -e "$log" ]; then
    (umask 077 && : >"$log")
    [ "$#" -eq 1 ] || chown "$2" "$log"
  fi
}

# True once the process is one of PART's by its name, or has ended.
has_begun() {
  is_process "$1" "$2" || ! is_alive "$1"
}

# start_daemon PART USER COMMAND... <INPUT. An interrupt waits until the process is the daemon by its name: before that,
# stop_daemon would take it for a stranger and leave it running.
start_daemon() {
  local part=$1 user=$2
  shift 2
  (
    trap '' INT TERM
    (exec_as "$user" setsid "$@") <&0 >>"$(log_of "$part")" 2>&1 &
    record_pid "$part" "$!"
    poll "$START_TIMEOUT" has_begun "$!" "$part" || true
  )
}

# fail_start PART: ends this run with the reason in the part's log.
fail_start() {
  local log
  log=$(log_of "$1")
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

# Zombies do not count: in a container it may be that nobody ever reaps them. pgrep looks at all processes of the machine,
# so it waits until the leader has ended.
session_is_empty() {
  ! is_alive "$1" && [ -z "$(pgrep --session "$1" --runstates DRSTt)" ]
}

# stop_orphans PART [STOPPED]: the kernel gives the id of a session to no new process. So a session that outlives its
# leader still belongs to the part. The one that was STOPPED has ended.
stop_orphans() {
  local part=$1 stopped=${2:-} session
  session=$(recorded_pid "$part") || return 0
  if [ "$session" != "$stopped" ] && ! is_alive "$session" && ! session_is_empty "$session"; then
    pkill -TERM --session "$session" || true
    poll 5 session_is_empty "$session" || pkill -KILL --session "$session" || true
  fi
}

# stop_daemon PART [SIGNAL SECONDS]...: sends each signal in turn until the part and its children are gone, and KILL at
# last.
stop_daemon() {
  local part=$1 pid=
  shift
  if pid=$(running_pid "$part"); then
    while [ "$#" -gt 0 ]; do
      kill -s "$1" "$pid" 2>/dev/null || true
      poll "$2" session_is_empty "$pid" && break
      shift 2
    done
    if [ "$#" -eq 0 ]; then
      echo "airship-shop: ${part%.*} (pid $pid) did not end in time, and is killed" >&2
      pkill -KILL --session "$pid" || true
      poll 5 session_is_empty "$pid" || fail "${part%.*} (pid $pid) cannot be stopped"
    fi
  fi
  stop_orphans "$part" "$pid"
  rm -f "$RUN_DIR/pids/$part.pid" "$RUN_DIR/state/$part"
}

# stop_part PART: gracefully, with a deadline.
stop_part() {
  case $1 in
    nginx) stop_nginx ;;
    products | orders) stop_pool "$1" ;;
    *.new) settle_pool "${1%.*}" ;;
    reconciler) stop_workers reconciler ;;
    redis) stop_daemon redis TERM 15 ;;
    postgres) stop_daemon postgres INT 60 QUIT 10 ;;  # INT ends the sessions. QUIT leaves the rest to recovery.
  esac
}

stop_stack() {
  local index
  for ((index = ${#PARTS[@]} - 1; index >= 0; index--)); do
    stop_part "${PARTS[index]}"
  done
}

STARTED=()  # The parts that this run has started, the latest first.

# If this run fails, stops what it has started.
undo_on_failure() {
  local status=$? part
  if [ "$status" -ne 0 ]; then
    trap '' INT TERM
    for part in "${STARTED[@]}"; do
      (stop_part "$part") || true
    done
    running_pid nginx >/dev/null || unmount_cache
  fi
  exit "$status"
}

# is_whole PART PID: whether a running part still has what it needs, and runs the installed program.
is_whole() {
  "is_whole_${1}" && runs_installed_programs "$2"
}

# can_reload PART PID. A pool can always be replaced, whatever it lacks. nginx can only take a new configuration.
can_reload() {
  case $1 in
    products | orders) ;;
    nginx) is_whole nginx "$2" ;;
    *) false ;;
  esac
}

# ensure_running PART FINGERPRINT: starts the part if it does not run. If it runs, but was started from something else
# than the fingerprint says, or is not whole, it is reloaded, or restarted if it cannot be reloaded.
ensure_running() {
  local part=$1 fingerprint=$2 pid
  if pid=$(running_pid "$part"); then
    record_pid "$part" "$pid"
    if [ "$fingerprint" = "$(cat "$RUN_DIR/state/$part" 2>/dev/null)" ] && is_whole "$part" "$pid"; then
      return
    fi
    if can_reload "$part" "$pid"; then
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

# fingerprint FILE...: a text that changes with the names and the contents of the files.
fingerprint() {
  sha256sum -- "$@"
}

# render TEMPLATE...: prints the templates with the settings filled in.
render() {
  sed -e "s|@RUN_DIR@|$RUN_DIR|g" -- "$@"
}
