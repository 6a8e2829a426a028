#!/usr/bin/env bash
# make reset: stops the stack and wipes its data.
set -euo pipefail
# shellcheck source=lib/stack.sh
. "$(dirname "$0")/lib/stack.sh"

main() {
  load_settings
  if ! enter_run_dir; then
    if [ -e "$RUN_LINK" ] && [ -n "$(ls -A "$RUN_LINK/")" ]; then
      fail "RUN_DIR is not a stack's folder, and is not wiped: $RUN_LINK"
    fi
    echo "there is no stack in $RUN_LINK"
    return
  fi
  stop_stack
  wipe_run_dir
  echo "the shop is down, and $RUN_LINK is wiped"
}

main
