#!/usr/bin/env bash
# Fails with one line if a setting of the stack is wrong. make up runs it before it installs or builds anything.
set -euo pipefail
# shellcheck source=lib/stack.sh
. "$(dirname "$0")/lib/stack.sh"

load_settings
check_settings
