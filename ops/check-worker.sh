#!/usr/bin/env bash
# Tries a worker's program: check-worker.sh PROGRAM
#
# Starts one worker on a socket of its own, and asks it for a path that does not exist: it must answer 404. Then it must
# exit 0 at SIGTERM. The settings are those of the environment. The stores need not be there.
set -euo pipefail

readonly PROGRAM=${1:?"usage: $0 PROGRAM"}
readonly ANSWER_TIMEOUT=5  # Seconds.

fail() {
  printf '%s: %s\n' "$(basename "$PROGRAM")" "$*" >&2
  exit 1
}

lives() {
  kill -0 "$WORKER" 2>/dev/null
}

clean_up() {
  ! lives || kill -KILL "$WORKER"
  rm -rf "$FOLDER"
}

start_worker() {
  spawn-fcgi -n -s "$FOLDER/socket" -- "$PROGRAM" &
  WORKER=$!
  until [ -S "$FOLDER/socket" ]; do
    lives || fail "it does not start"
    sleep 0.05
  done
}

ask_worker() {
  REQUEST_METHOD=GET REQUEST_URI=/no-such-path timeout "$ANSWER_TIMEOUT" cgi-fcgi -bind -connect "$FOLDER/socket" </dev/null
}

main() {
  local answer
  FOLDER=$(mktemp -d)
  trap clean_up EXIT
  start_worker
  answer=$(ask_worker) || fail "it does not answer a request"
  [[ $answer == "Status: 404"* ]] || fail "it answers a path that does not exist with \"${answer%%$'\r'*}\""
  kill -TERM "$WORKER"
  wait "$WORKER" || fail "it does not end at SIGTERM: status $?"
}

main
