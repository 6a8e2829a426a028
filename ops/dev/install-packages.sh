#!/usr/bin/env bash
# Installs the missing packages of the named lists: install-packages.sh LIST...
# A list is a file packages/LIST.txt with one Debian package on each line. Run by root, it also makes the workers' user.
set -euo pipefail

export PATH=/usr/sbin:/usr/bin:/sbin:/bin  # dpkg needs all of these, and some root shells lack one.
readonly SELF=$0
readonly WORKERS_USER=airship-shop
readonly POLICY=/usr/sbin/policy-rc.d
readonly NO_CLUSTER=/etc/postgresql-common/createcluster.d/airship-shop.conf
created=()

fail() {
  printf 'install-packages: %s\n' "$*" >&2
  exit 1
}

# The installed packages, and the packages that an installed one provides: NodeSource's nodejs provides npm.
installed_packages() {
  dpkg-query -W -f '${db:Status-Status} ${Package}, ${Provides}\n' | sed -n 's/^installed //p' | sed 's/ ([^)]*)//g' |
    tr -s ', ' '\n'
}

# The packages of the lists that are not installed.
missing_packages() {
  local list wanted=()
  for list; do
    mapfile -t -O "${#wanted[@]}" wanted < <(grep -v '^#' "$(dirname "$SELF")/packages/$list.txt")
  done
  printf '%s\n' "${wanted[@]}" | sort -u | { grep -vxF -f <(installed_packages) || true; }
}

restore_services() {
  rm -f "${created[@]}"
  rmdir "$(dirname "$NO_CLUSTER")" 2>/dev/null || true
}

# Debian starts a server when it installs it, and makes a PostgreSQL cluster called main. The stack runs servers of its
# own, so both are switched off during the installation.
keep_services_off() {
  trap restore_services EXIT
  if [ ! -e "$POLICY" ]; then
    created+=("$POLICY")
    printf '#!/bin/sh\nexit 101\n' >"$POLICY"
    chmod 0755 "$POLICY"
  fi
  if [ ! -e "$NO_CLUSTER" ]; then
    mkdir -p "$(dirname "$NO_CLUSTER")"
    created+=("$NO_CLUSTER")
    echo 'create_main_cluster = false' >"$NO_CLUSTER"
  fi
}

# Runs apt-get quietly. If it fails, one line says why.
apt_get() {
  local output
  output=$(DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" 2>&1 </dev/null) ||
    fail "apt-get $*: $({ grep -E '^(E:|dpkg: error)' <<<"$output" || tail -n 1 <<<"$output"; } | tail -n 1)"
}

# The workers' user, which is needed if root runs the stack. The packages make the users of the other parts.
create_user() {
  getent passwd "$WORKERS_USER" >/dev/null ||
    useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$WORKERS_USER" ||
    getent passwd "$WORKERS_USER" >/dev/null || fail "the user $WORKERS_USER cannot be created"
}

main() {
  local packages
  umask 022
  if [ "$EUID" -eq 0 ]; then
    create_user
  fi
  mapfile -t packages < <(missing_packages "$@")
  if [ "${#packages[@]}" -eq 0 ]; then
    return
  fi
  if [ "$EUID" -ne 0 ]; then
    command -v sudo >/dev/null || fail "not installed, and there is no sudo to install them: ${packages[*]}"
    echo "sudo: to install ${packages[*]}"
    exec sudo -- "$SELF" "$@"
  fi
  echo "installing ${packages[*]}"
  keep_services_off
  apt_get update
  apt_get install --no-install-recommends "${packages[@]}"
}

main "$@"
