# shellcheck shell=bash
# What the processes of a supervisor tell about its workers.

# workers_are_whole SUPERVISOR PROGRAM COUNT: whether there are as many workers as there should be, and each has become
# its program and catches SIGUSR1. Before that the signal would just kill it, and nobody would answer what waits in the
# queue.
workers_are_whole() {
  local pid count=0
  for pid in $(children_of "$1"); do
    runs_program "$pid" "$2" && catches_sigusr1 "$pid" || return
    count=$((count + 1))
  done
  [ "$count" -eq "$3" ]
}

# Prints the pids of a process's children. Some kernels do not list them, and pgrep looks at all processes of the machine.
children_of() {
  local children
  if mapfile -t -d ' ' children 2>/dev/null <"/proc/$1/task/$1/children"; then
    printf '%s\n' "${children[@]}"
  else
    pgrep --parent "$1"
  fi
}

# The kernel keeps the first 15 letters of the name.
runs_program() {
  local name
  read -r name 2>/dev/null <"/proc/$1/comm" && [ "$name" = "${2:0:15}" ]
}

catches_sigusr1() {
  local lines
  mapfile -t lines 2>/dev/null <"/proc/$1/status" && [[ ${lines[*]} =~ SigCgt:[[:space:]]([0-9a-f]+) ]] &&
    ((0x${BASH_REMATCH[1]} & 1 << 9))
}
