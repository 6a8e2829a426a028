#!/usr/bin/env bash
# The load test of the Python shop, by Taurus, against a shop that runs.
#
# usage: nex-bzt.sh local | BASE_URL [USERS [HOLD [RAMP_UP]]]
#
# nex-bzt.sh local 10 2h 3m: ten users for two hours, after three minutes in which they come one by one. Left out: 3
# users, 3m, 1m. Taurus (bzt) is not in Debian; without it, `make perf` goes through the same steps.
set -euo pipefail

readonly PREFIX=${1:?"usage: $0 local | BASE_URL [USERS [HOLD [RAMP_UP]]]"}
readonly USERS=${2:-3} HOLD=${3:-3m} RAMP_UP=${4:-1m}

if [ "$PREFIX" = local ]; then
  STD_APP_URL=http://localhost:8000
else
  STD_APP_URL=${PREFIX%/}
fi

if ! command -v bzt >/dev/null; then
  echo "nex-bzt.sh: bzt is not installed (https://gettaurus.org/install); 'make perf' does the same without it" >&2
  exit 127
fi

echo "$STD_APP_URL: $USERS users in $RAMP_UP, held for $HOLD"
ARTIFACTS=$(mktemp --directory -t bzt.XXXX)
echo "results: $ARTIFACTS"
cd "$(dirname "$0")"  # Where the data file is.
exec bzt nex-bzt.yml \
  -o scenarios.nex.default-address="$STD_APP_URL" \
  -o execution.0.concurrency="$USERS" \
  -o execution.0.hold-for="$HOLD" \
  -o execution.0.ramp-up="$RAMP_UP" \
  -o modules.console.disable=true \
  -o settings.artifacts-dir="$ARTIFACTS"
