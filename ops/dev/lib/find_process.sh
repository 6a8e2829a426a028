# shellcheck shell=bash
# Finds the process of a part.

# The name of a part's process, and which file of RUN_DIR its command line contains. Together they distinguish it from
# another process that got the pid in a stale pid file.
declare -A PROCESS_NAMES=([postgres]=postgres [redis]=redis-server [reconciler]=multiwatch [products]=multiwatch
  [orders]=multiwatch [nginx]=nginx)
declare -A PROCESS_FILES=([postgres]=postgres/data [redis]=redis/ [reconciler]=bin/orders-reconciler
  [products]=bin/products-worker [orders]=bin/orders-worker [nginx]=nginx/)

# False for a zombie, too. The command line cannot show that a process lives: it is empty for a moment in every exec.
is_alive() {
  local lines
  mapfile -t lines 2>/dev/null <"/proc/$1/status" && [[ ${lines[*]} =~ State:[[:space:]]+[^ZX] ]]
}

record_pid() {
  echo "$2" >"$RUN_DIR/pids/$1.pid"
}

recorded_pid() {
  local pid
  read -r pid 2>/dev/null <"$RUN_DIR/pids/$1.pid" && [[ $pid =~ ^[1-9][0-9]*$ ]] && echo "$pid"
}

# is_process PID PART. The argument is a word of its own, or follows the title that the program has given itself. It looks
# at each process of a user, and so starts no programs.
is_process() {
  local name words
  read -r name 2>/dev/null <"/proc/$1/comm" || return 1
  [ "$name" = "${PROCESS_NAMES[${2%.*}]}" ] || return 1
  mapfile -d '' words 2>/dev/null <"/proc/$1/cmdline" || return 1
  [[ " ${words[*]} " == *[\ :]"$RUN_DIR/${PROCESS_FILES[${2%.*}]}"* ]]
}

is_recorded() {
  grep -qsxF "$1" "$RUN_DIR"/pids/*.pid
}

# The processes of this machine that may be a part's.
possible_parts() {
  local IFS=,
  ps -o pid= -C "${PROCESS_NAMES[*]}"
}

# Looks for lost processes once: what the command starts later, it records. If all parts are recorded, none is lost.
look_for_lost_processes() {
  local part pid
  POSSIBLE_PARTS=
  for part in "${PARTS[@]}"; do
    if ! pid=$(recorded_pid "$part") || ! is_process "$pid" "$part"; then
      POSSIBLE_PARTS=$(possible_parts) || true
      return
    fi
  done
}

# leads_session_of USER PID
leads_session_of() {
  local session user
  read -r session user < <(ps -o sid=,euid= -p "$2") && [ "$session" = "$2" ] && [ "$user" = "$(id -u "$1")" ]
}

# The process of a part whose pid file is lost: the first one that leads a session. The others are its children.
lost_pid() {
  local part=$1 pid
  for pid in ${POSSIBLE_PARTS-$(possible_parts)}; do
    if is_process "$pid" "$part" && leads_session_of "$(user_of "$part")" "$pid" && ! is_recorded "$pid"; then
      echo "$pid"
      return
    fi
  done
  return 1
}

# The pid of a running part; false if it does not run.
running_pid() {
  local part=$1 pid
  if pid=$(recorded_pid "$part") && is_process "$pid" "$part"; then
    echo "$pid"
  else
    [[ $part != *.* ]] && lost_pid "$part"
  fi
}

# runs_installed_programs PID: false if the process, or one of its children, runs a replaced file. A program, library or
# module that a process has mapped says "(deleted)" when a package's newer file has taken its name. A mapping that never
# was a file may say it, too.
runs_installed_programs() {
  local children
  mapfile -t children < <(children_of "$1")
  children=("${children[@]/#//proc/}")
  ! grep -qsP '^\S+ \S*x\S* \S+ \S+ \d+ +/(?!dev|memfd:|SYSV|\[).* \(deleted\)$' "/proc/$1/maps" "${children[@]/%//maps}"
}
