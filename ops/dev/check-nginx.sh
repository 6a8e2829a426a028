#!/usr/bin/env bash
# nginx -t: checks the configuration as make up would install it, in a stack of its own. It starts nothing.
set -euo pipefail
# shellcheck source=lib/stack.sh
. "$(dirname "$0")/lib/stack.sh"

RUN_DIR=$(mktemp --directory)
trap 'rm -rf "$RUN_DIR"' EXIT
chmod 0755 "$RUN_DIR"
load_settings
prepare_run_dir
install_nginx_conf
