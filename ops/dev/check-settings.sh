#!/usr/bin/env bash
# Fails, in one line, if a setting of the stack is wrong: before anything is installed or built for it.
set -euo pipefail
# shellcheck source=lib/stack.sh
. "$(dirname "$0")/lib/stack.sh"

load_settings
check_settings
