# shellcheck shell=bash
# API keys as they are in a file: a line "NAME SCOPES DIGEST DATE" for each, such as
#
#     warehouse orders:read,products:write 6b86b273ff34fce1…d1e6b 2026-11-25
#
# The digest is the SHA-256 of the key, in hex, and its first 8 letters are the key's id. Nobody can find a key of 256
# random bits by its digest. A line that begins with # is a comment.
#
# The program that sources this has a function fail.

# shellcheck disable=SC2034  # ops/api-keys reads it.
readonly SCOPES=(products:read products:write orders:read orders:write)
readonly NAME_FORM='[a-z0-9][a-z0-9._-]{0,63}'
readonly SCOPE_FORM='(products|orders):(read|write)'
readonly KEY_LINE="^$NAME_FORM $SCOPE_FORM(,$SCOPE_FORM){0,3} [0-9a-f]{64} [0-9]{4}-[0-9]{2}-[0-9]{2}\$"

# require_api_keys FILE: only its owner may read and change it, and it has nothing else than keys. The complaint does
# not show a wrong line, which may be a key that somebody has put there.
require_api_keys() {
  local file=$1 wrong
  if [ ! -f "$file" ] || [ ! -r "$file" ]; then
    fail "API_KEYS: cannot read $file"
  fi
  [ -O "$file" ] || fail "API_KEYS: $file belongs to user $(stat -L -c %U "$file"), not to $(id -un)"
  [[ $(stat -L -c %a "$file") =~ 00$ ]] || fail "API_KEYS: others may read or change $file: chmod 600 it"
  wrong=$({ LC_ALL=C grep -anvE "$KEY_LINE|^#|^\$" "$file" || true; } | head -n 1 | cut -d : -f 1)
  [ -z "$wrong" ] || fail "API_KEYS: line $wrong of $file is not one that ops/api-keys writes"
  wrong=$(keys_in "$file" | awk 'seen[$3]++ { print substr($3, 1, 8); exit }')
  [ -z "$wrong" ] || fail "API_KEYS: the key $wrong is in $file twice"
}

# The lines with keys.
keys_in() {
  grep -av -e '^#' -e '^$' "$1" || true
}

# api_key_maps FILE FOLDER: makes the tables for nginx/api_keys.conf. FILE may be "off".
api_key_maps() {
  local keys=
  [ "$1" = off ] || keys=$(keys_in "$1")
  awk 'NF { print $3, $1 ";" }' <<<"$keys" >"$2/api_key_names.map"
  awk 'NF { print $3, $2 ";" }' <<<"$keys" >"$2/api_key_scopes.map"
}
