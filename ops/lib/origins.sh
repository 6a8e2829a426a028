# shellcheck shell=bash
# SHOP_ORIGINS: which pages may use the shop from a browser.

# load_origins DEFAULT: sets ORIGINS.
load_origins() {
  read -r -d '' -a ORIGINS <<<"${SHOP_ORIGINS:-$1}" || true  # It ends without a NUL byte.
}

# An origin as a browser writes it (RFC 6454, section 6.2), with * for any port. What no browser sends is a mistake: a
# capital letter, a path, the scheme's default port.
is_origin() {
  local host='([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])' port
  [[ $1 =~ ^[a-z][a-z0-9+.-]*://$host(:(\*|[1-9][0-9]{0,4}))?$ ]] || return 1
  port=${BASH_REMATCH[3]#\*}
  [ "${port:-0}" -le 65535 ] && [[ ! $1 =~ ^http:.*:80$|^https:.*:443$ ]]
}

require_origins() {
  local origin
  [ "${#ORIGINS[@]}" -gt 0 ] || fail "SHOP_ORIGINS names no origin"
  for origin in "${ORIGINS[@]}"; do
    is_origin "$origin" ||
      fail "SHOP_ORIGINS: ${origin@Q} is not an origin as a browser writes it: https://shop.example.com, or http://localhost:*"
  done
}

# For nginx/origins.conf: a line for each origin, a regular expression that contains nothing of nginx's syntax. The host
# matches in capitals, too. "Any port" includes the default port, which a browser leaves out.
origins_map() {
  [ "${#ORIGINS[@]}" -gt 0 ] || return 0
  # shellcheck disable=SC2016  # nginx fills $http_origin in.
  printf '%s\n' "${ORIGINS[@]}" | sed -E 's/[].[+]/\\&/g; s/:\*$/(:[0-9]{1,5})?/; s/.*/"~*^&\\z" $http_origin;/'
}
