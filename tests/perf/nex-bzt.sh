#!/usr/bin/env bash
# Runs the load test of the Python shop with Taurus, against a running shop.
#
# usage: nex-bzt.sh local | BASE_URL [USERS [HOLD [RAMP_UP]]]
#
# nex-bzt.sh local 10 2h 3m: ten users come one by one within three minutes, and stay for two hours. The defaults are 3
# users, 3m, 1m. It exits 3 if a request has failed. Taurus (bzt) is not in Debian; without it, `make perf` does the
# same steps.
set -euo pipefail

fail() {
  echo "nex-bzt.sh: $1" >&2
  exit "${2:-2}"
}

[ $# -gt 0 ] || fail "usage: nex-bzt.sh local | BASE_URL [USERS [HOLD [RAMP_UP]]]"
readonly PREFIX=$1 USERS=${2:-3} HOLD=${3:-3m} RAMP_UP=${4:-1m}

if [ "$PREFIX" = local ]; then
  STD_APP_URL=http://localhost:8000
else
  STD_APP_URL=${PREFIX%/}
fi

# Taurus would silently drop a path.
[[ $STD_APP_URL =~ ^https?://[^/?#]+$ ]] || fail "BASE_URL must be a scheme, a host and perhaps a port, not \"$PREFIX\""

command -v bzt >/dev/null ||
  fail "bzt is not installed (https://gettaurus.org/install); 'make perf' does the same without it" 127

echo "$STD_APP_URL: $USERS users in $RAMP_UP, held for $HOLD"
ARTIFACTS=$(mktemp --directory -t bzt.XXXX)
echo "results: $ARTIFACTS"
cd "$(dirname "$0")"  # The data file is here.
exec bzt nex-bzt.yml \
  -o scenarios.nex.default-address="$STD_APP_URL" \
  -o execution.0.concurrency="$USERS" \
  -o execution.0.hold-for="$HOLD" \
  -o execution.0.ramp-up="$RAMP_UP" \
  -o modules.console.disable=true \
  -o settings.artifacts-dir="$ARTIFACTS"
