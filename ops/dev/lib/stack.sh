# shellcheck shell=bash
# Everything that the commands share.

PROJECT=$(realpath "${BASH_SOURCE[0]%/*}/../../..")
readonly PROJECT
readonly PROGRAM=airship-shop
readonly PARTS=(postgres redis reconciler products orders nginx)  # In the order in which they start.

# shellcheck source=../../lib/settings.sh
. "$PROJECT/ops/lib/settings.sh"
# shellcheck source=settings.sh
. "$PROJECT/ops/dev/lib/settings.sh"
# shellcheck source=../../lib/origins.sh
. "$PROJECT/ops/lib/origins.sh"
# shellcheck source=../../lib/api_keys.sh
. "$PROJECT/ops/lib/api_keys.sh"
# shellcheck source=../../lib/nginx.sh
. "$PROJECT/ops/lib/nginx.sh"
# shellcheck source=users.sh
. "$PROJECT/ops/dev/lib/users.sh"
# shellcheck source=find_process.sh
. "$PROJECT/ops/dev/lib/find_process.sh"
# shellcheck source=process.sh
. "$PROJECT/ops/dev/lib/process.sh"
# shellcheck source=trust.sh
. "$PROJECT/ops/dev/lib/trust.sh"
# shellcheck source=cache.sh
. "$PROJECT/ops/dev/lib/cache.sh"
# shellcheck source=run_dir.sh
. "$PROJECT/ops/dev/lib/run_dir.sh"
# shellcheck source=earlier_layout.sh
. "$PROJECT/ops/dev/lib/earlier_layout.sh"
# shellcheck source=postgres.sh
. "$PROJECT/ops/dev/lib/postgres.sh"
# shellcheck source=redis.sh
. "$PROJECT/ops/dev/lib/redis.sh"
# shellcheck source=../../lib/workers.sh
. "$PROJECT/ops/lib/workers.sh"
# shellcheck source=workers.sh
. "$PROJECT/ops/dev/lib/workers.sh"
# shellcheck source=pool.sh
. "$PROJECT/ops/dev/lib/pool.sh"
# shellcheck source=nginx.sh
. "$PROJECT/ops/dev/lib/nginx.sh"
