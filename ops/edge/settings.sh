# shellcheck shell=bash
# The settings of an edge: reads them from a file, adds the defaults, and checks them.

# The file alone counts: nothing of the caller's environment is a setting.
forget_settings() {
  local name
  while read -r name; do
    unset "$name"
  done < <(settings_of 'nginx|edge' | cut -d '|' -f 1)
}

# read_settings FILE: lines NAME=value, as in an EnvironmentFile of systemd; a value may be in quotes. Whatever is read
# differently there is refused.
read_settings() {
  local file=$1 line name value number=0 names
  [ -r "$file" ] || fail "cannot read $file, which has the settings"
  names=$(settings_of 'nginx|edge' | cut -d '|' -f 1)
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    [[ ! $line =~ ^[[:space:]]*([#\;].*)?$ ]] || continue
    [[ $line =~ ^([A-Z_]+)=(.*)$ ]] || fail "$file, line $number is not NAME=value"
    name=${BASH_REMATCH[1]} value=${BASH_REMATCH[2]}
    grep -qxF "$name" <<<"$names" || fail "$file, line $number: an edge has no setting $name"
    [[ ! $value =~ ^\"(.*)\"$|^\'(.*)\'$ ]] || value=${BASH_REMATCH[1]}${BASH_REMATCH[2]}
    [[ $value =~ ^[^\"\'\\[:cntrl:]]*$ ]] || fail "$name may have no quotes, backslashes or control characters in it"
    printf -v "$name" %s "$value"
  done <"$file"
}

# Sets NAMES, PROXIES and ORIGINS. Where SHOP_ORIGINS says nothing, pages of the edge itself may use the shop.
load_lists() {
  local name own=() port=
  read -r -a NAMES <<<"$SERVER_NAMES"
  read -r -a PROXIES <<<"$TRUSTED_PROXIES"
  [ -z "$TLS_CERTIFICATE" ] || [ "$HTTPS_PORT" = 443 ] || port=:$HTTPS_PORT
  for name in "${NAMES[@]}"; do
    own+=("https://$name$port")
  done
  load_origins "${own[*]}"
}

require_tls() {
  local name
  [ -n "$TLS_CERTIFICATE$TLS_KEY" ] || return 0
  for name in TLS_CERTIFICATE TLS_KEY; do
    [[ ${!name} == /* ]] || fail "$name must be the path of a file; TLS needs both TLS_CERTIFICATE and TLS_KEY"
    if [ ! -f "${!name}" ] || [ ! -r "${!name}" ]; then
      fail "$name: cannot read ${!name}"
    fi
  done
  [ "$HTTP_PORT" != "$HTTPS_PORT" ] || fail "HTTP_PORT and HTTPS_PORT must be two ports"
}

require_names() {
  local name
  for name in "${NAMES[@]}"; do
    [[ $name =~ ^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$ && $name != *..* ]] ||
      fail "SERVER_NAMES: ${name@Q} is not a host name in small letters, such as shop.example.com"
  done
}

# A network of all addresses is none: whoever asks could say who he is.
is_network() {
  local part
  if [[ $1 =~ ^([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})\.([0-9]{1,3})(/([1-9]|[12][0-9]|3[0-2]))?$ ]]; then
    for part in "${BASH_REMATCH[@]:1:4}"; do
      [ "$((10#$part))" -le 255 ] || return 1
    done
  else
    [[ $1 =~ ^[0-9a-f:.]*:[0-9a-f:.]*(/([1-9]|[1-9][0-9]|1[01][0-9]|12[0-8]))?$ ]]
  fi
}

require_proxies() {
  local proxy
  for proxy in "${PROXIES[@]}"; do
    is_network "$proxy" || fail "TRUSTED_PROXIES: ${proxy@Q} is neither an address nor a network, such as 10.0.0.0/24"
  done
}

require_pools() {
  local name
  for name in PRODUCTS_POOL ORDERS_POOL; do
    [[ ${!name} =~ ^unix:/[A-Za-z0-9/._+-]+$|^([A-Za-z0-9.-]+|\[[0-9a-f:.]+\]):[1-9][0-9]{0,4}$ ]] ||
      fail "$name must be host:port or unix: and the path of a socket, not \"${!name}\""
  done
}

require_key_file() {
  [ "$API_KEYS" != off ] || return 0
  [[ $API_KEYS == /* ]] || fail "API_KEYS must be off or the path of a file, not \"$API_KEYS\""
  require_api_keys "$API_KEYS"
}

# load_settings FILE
load_settings() {
  forget_settings
  read_settings "$1"
  load_defaults 'nginx|edge'
  : "${SERVER_NAMES=}" "${TRUSTED_PROXIES=}" "${SHOP_ORIGINS=}" "${TLS_CERTIFICATE=}" "${TLS_KEY=}"
  load_lists
  require_all_allowed 'nginx|edge'
  require_tls
  require_names
  require_proxies
  require_pools
  require_key_file
  [ -z "$SHOP_ORIGINS" ] || require_origins
}
