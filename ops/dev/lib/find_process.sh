# shellcheck shell=bash
# Finds the process of a part.

# The name of a part's process, and what its command line contains. Together they distinguish it from another process
# that got the pid in a stale pid file.
declare -A PROCESS_NAMES=([postgres]=postgres [redis]=redis-server [reconciler]=multiwatch [products]=multiwatch
  [orders]=multiwatch [nginx]=nginx)

process_argument() {
  case ${1%.*} in
    postgres) echo "$RUN_DIR/postgres/data" ;;
    redis) echo "$RUN_DIR/redis/" ;;
    reconciler | products | orders) echo "$RUN_DIR/bin/$(program "${1%.*}")" ;;
    nginx) echo "$RUN_DIR/nginx/" ;;
  esac
}

# False for a zombie, too. The command line cannot show that a process lives: it is empty for a moment in every exec.
is_alive() {
  grep -qs '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status"
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
  [[ " ${words[*]} " == *[\ :]"$(process_argument "$2")"* ]]
}

is_recorded() {
  grep -qsxF "$1" "$RUN_DIR"/pids/*.pid
}

# The process of a part whose pid file is lost: the first one that leads a session. The others are its children.
lost_pid() {
  local part=$1 pid
  for pid in $(pgrep --uid "$(user_of "$part")" --exact "${PROCESS_NAMES[$part]}" 2>/dev/null); do
    if is_process "$pid" "$part" && [ "$(ps -o sid= -p "$pid")" -eq "$pid" ] && ! is_recorded "$pid"; then
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

# A program, library or module that a process has mapped says "(deleted)" when a package's newer file has taken its
# name. A mapping that never was a file may say it, too.
runs_replaced_file() {
  awk '$2 ~ /x/ && $6 ~ /^\// && $6 !~ /^\/(dev|memfd:|SYSV|\[)/ && $NF == "(deleted)" { found = 1 } END { exit !found }' \
    "/proc/$1/maps" 2>/dev/null
}

# False if the part's process, or one of its children, runs a replaced file.
runs_installed_programs() {
  local supervisor pid
  supervisor=$(running_pid "$1") || return
  for pid in "$supervisor" $(pgrep --parent "$supervisor"); do
    ! runs_replaced_file "$pid" || return
  done
}
