#!/usr/bin/env bash
# make down: stops the parts of the stack gracefully, in order. The data stay.
set -euo pipefail
# shellcheck source=lib/stack.sh
. "$(dirname "$0")/lib/stack.sh"

main() {
  load_settings
  if ! enter_run_dir; then
    echo "there is no stack in $RUN_LINK"
    return
  fi
  stop_stack
  echo "the shop is down"
}

main
