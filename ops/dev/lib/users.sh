# shellcheck shell=bash
# The users that the daemons run as.

# CALLER runs make. PostgreSQL refuses to run as root, and the others should not. Each part has a user of its own, so that
# an attacker who takes over one part gets nothing of the others.
load_users() {
  CALLER=$(id -un)
  POSTGRES_USER=$CALLER
  REDIS_USER=$CALLER
  WORKERS_USER=$CALLER
  NGINX_USER=$CALLER
  if [ "$EUID" -eq 0 ]; then
    POSTGRES_USER=postgres
    REDIS_USER=redis
    WORKERS_USER=airship-shop
    NGINX_USER=www-data
  fi
}

require_users() {
  local user
  for user in "$POSTGRES_USER" "$REDIS_USER" "$WORKERS_USER" "$NGINX_USER"; do
    id -u "$user" >/dev/null 2>&1 || fail "there is no user $user: ops/dev/install-packages.sh stack creates it"
  done
}

# The user of a part's supervisor.
user_of() {
  case ${1%.*} in
    postgres) echo "$POSTGRES_USER" ;;
    redis) echo "$REDIS_USER" ;;
    reconciler | products | orders) echo "$WORKERS_USER" ;;
    nginx) echo "$NGINX_USER" ;;
  esac
}
