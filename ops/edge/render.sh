#!/usr/bin/env bash
# Makes the configuration of the edge's nginx of /etc/airship-shop/edge.env:
#
#     airship-shop-edge-render [--unprivileged]    # checks it, and puts it where nginx reads it
#     airship-shop-edge-render --check [FILE]      # only checks it, or that of the settings in FILE
#
# A wrong setting, or a configuration that nginx does not take, is one line of output, and nothing has changed.
# --unprivileged: nginx is not started by root, as in airship-shop-edge.service. MAINPID is the nginx that runs, if one
# does. The folders are those that systemd names to a service, or those of the service.
set -euo pipefail

# Finds Debian's own programs.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

readonly PROGRAM=airship-shop-edge
PROJECT=$(realpath "$(dirname "$(realpath "$0")")/../..")
readonly PROJECT

# shellcheck source=../lib/settings.sh
. "$PROJECT/ops/lib/settings.sh"
# shellcheck source=../lib/origins.sh
. "$PROJECT/ops/lib/origins.sh"
# shellcheck source=../lib/api_keys.sh
. "$PROJECT/ops/lib/api_keys.sh"
# shellcheck source=../lib/nginx.sh
. "$PROJECT/ops/lib/nginx.sh"
# shellcheck source=settings.sh
. "$PROJECT/ops/edge/settings.sh"

SETTINGS=${CONFIGURATION_DIRECTORY:-/etc/airship-shop}/edge.env
RUN=${RUNTIME_DIRECTORY:-/run/airship-shop-edge/run}
LOGS=${LOGS_DIRECTORY:-/var/log/airship-shop-edge}
CACHE=${CACHE_DIRECTORY:-/var/cache/airship-shop-edge}
PAGES=$PROJECT/build/pages
[ -d "$PAGES" ] || PAGES=$PROJECT/pages  # As the package has them.
CHECK=
UNPRIVILEGED=

NGINX_USER=$(id -un)
[ "$EUID" -ne 0 ] || NGINX_USER=www-data
readonly RUN LOGS CACHE PAGES NGINX_USER

parse_arguments() {
  while [ "$#" -gt 0 ]; do
    case $1 in
      --unprivileged) UNPRIVILEGED=yes ;;
      --check) CHECK=yes ;;
      [!-]*) [ "$CHECK" ] && SETTINGS=$1 ;;
      *) false ;;
    esac || fail "usage: $0 [--unprivileged] | --check [FILE]"
    shift
  done
}

# As a user who may listen on ports below 1024, as the service may.
as_nginx() {
  if [ "$EUID" -eq 0 ]; then
    setpriv --reuid="$NGINX_USER" --regid="$(id -g "$NGINX_USER")" --init-groups \
      --inh-caps=-all,+net_bind_service --ambient-caps=-all,+net_bind_service -- "$@"
  else
    "$@"
  fi
}

# nginx's own folders. The folder that they are in is root's: root may look up no name in a folder of nginx's.
lay_out() {
  local prefix=$1 temp=$2
  install -d -m 0755 "$prefix"
  install -d -m 0700 -o "$NGINX_USER" -g "$(id -gn "$NGINX_USER")" "$prefix/run" "$prefix/cache_orders" "$temp"
}

# Copies, so that only root need be able to read the key.
copy_certificate() {
  local folder=$1
  [ "$TLS_CERTIFICATE" ] || return 0
  mkdir "$folder/tls"
  install -m 0644 "$TLS_CERTIFICATE" "$folder/tls/certificate.pem"
  install -m 0640 -g "$(id -gn "$NGINX_USER")" "$TLS_KEY" "$folder/tls/key.pem"
}

# set_places PREFIX TEMP LOGS
set_places() {
  PLACES=([PREFIX]=$1 [TEMP]=$2 [ACCESS_LOG]=$3/access.log [ERROR_LOG]=$3/error.log [AUDIT_LOG]=$3/audit.log
    [PRODUCTS_POOL]=$PRODUCTS_POOL [ORDERS_POOL]=$ORDERS_POOL [EDGE_CACHE]=$EDGE_CACHE
    [LISTEN4]="0.0.0.0:$HTTP_PORT" [LISTEN6]="[::]:$HTTP_PORT" [NAMES_SERVED]=${NAMES[*]:-'"" ~^'}
    [RUN_AS]='' [TLS]='' [REDIRECT4]='' [REDIRECT6]='' [HTTPS_HOST]='' [HSTS]='' [HSTS_SECONDS]=$HSTS_SECONDS)
  if [ "$EUID" -eq 0 ] && [ -z "$UNPRIVILEGED" ]; then
    PLACES[RUN_AS]=$NGINX_USER
  fi
  [ -z "$TLS_CERTIFICATE" ] || set_tls_places
}

set_tls_places() {
  PLACES[REDIRECT4]=${PLACES[LISTEN4]}
  PLACES[REDIRECT6]=${PLACES[LISTEN6]}
  PLACES[LISTEN4]="0.0.0.0:$HTTPS_PORT ssl http2"
  PLACES[LISTEN6]="[::]:$HTTPS_PORT ssl http2"
  PLACES[TLS]=tls
  # shellcheck disable=SC2016  # nginx fills these in.
  PLACES[HTTPS_HOST]='$host'
  [ "$HTTPS_PORT" = 443 ] || PLACES[HTTPS_HOST]+=:$HTTPS_PORT
  # shellcheck disable=SC2016
  [ "$HSTS_SECONDS" = 0 ] || PLACES[HSTS]='$strict_transport'
}

# render PREFIX NAME TEMP LOGS: makes the folder NAME in PREFIX, for an nginx with these folders.
render() {
  set_places "$1" "$3" "$4"
  render_nginx "$1/$2" "$PAGES" "${MAINPID:-}"
  copy_certificate "$1/$2"
}

# Lets nginx check the configuration, in a folder that is removed at the end.
check_configuration() {
  local folder output
  folder=$(mktemp --directory)
  # shellcheck disable=SC2064  # The folder is known now.
  trap "rm -rf '$folder'" EXIT
  lay_out "$folder" "$folder/temp"
  render "$folder" conf "$folder/temp" "$folder/run"
  output=$(as_nginx nginx -p "$folder/" -c "$folder/conf/nginx.conf" -e stderr -t -q 2>&1) ||
    fail "nginx's configuration: $(reason <<<"$output" | sed "s|$folder/conf/||g")"
}

require_free_ports() {
  require_free_port HTTP_PORT "${MAINPID:-}" .
  [ -z "$TLS_CERTIFICATE" ] || require_free_port HTTPS_PORT "${MAINPID:-}" .
}

# A running nginx reads none of it before it gets the signal to reload.
install_configuration() {
  local prefix=${RUN%/run}
  lay_out "$prefix" "$CACHE"
  install -d -m 0750 -o "$NGINX_USER" -g "$(id -gn "$NGINX_USER")" "$LOGS"
  render "$prefix" conf.new "$CACHE" "$LOGS"
  cd "$prefix"
  rm -rf conf.old
  [ ! -d conf ] || mv conf conf.old
  mv conf.new conf
  rm -rf conf.old
}

main() {
  umask 022
  parse_arguments "$@"
  load_settings "$SETTINGS"
  check_configuration
  if [ -z "$CHECK" ]; then
    require_free_ports
    install_configuration
  fi
}

main "$@"
