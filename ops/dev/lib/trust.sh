# shellcheck shell=bash
# Which users may control the stack's folder. Root follows no name that another user can replace.

# is_writable_by_others MODE OWNER GROUP: whether anybody except the owner can add names to a folder or remove them. The
# owner's own group, which Debian makes for each user, does not count. Nor does a sticky folder: the names in it that
# matter are checked, too.
is_writable_by_others() {
  local mode=$1 owner=$2 group=$3
  [[ ! ${mode:9} =~ [tT] ]] && [[ ${mode:8:1} == w || (${mode:5:1} == w && $group != "$owner") ]]
}

# require_trusted_path PATH: checks each folder and each link on the way to PATH, and PATH itself, as far as they exist.
# Trusted are root, the user that runs make, and the owner of the checkout, because that user runs the owner's programs
# anyway.
require_trusted_path() {
  local trusted mode owner group name
  trusted=" root $CALLER $(stat -c '%U %u' "$PROJECT") "
  while read -r mode owner group name; do
    [[ $mode =~ ^[a-z-][-rwxsStT]{9}$ ]] || continue  # Skips the heading, and what does not exist.
    [[ $mode == [dl]* ]] || fail "RUN_DIR=$RUN_LINK: $name is not a folder"
    [[ $trusted == *" $owner "* ]] || fail "RUN_DIR=$RUN_LINK: $name on the way to it belongs to user $owner"
    [[ $mode == l* ]] || ! is_writable_by_others "$mode" "$owner" "$group" ||
      fail "RUN_DIR=$RUN_LINK: others can write to $name on the way to it"
  done < <(namei -l -- "$1")
}

is_real_folder() {
  [ -d "$1" ] && [ ! -L "$1" ]
}

is_own_file() {
  [ -f "$1" ] && [ ! -L "$1" ] && [ -O "$1" ]
}

exists() {
  [ -e "$1" ] || [ -L "$1" ]
}

# own_folders MODE FOLDER...: makes folders of the user that runs make. Only that user writes there; daemons may read
# them.
own_folders() {
  local mode=$1 folder
  shift
  for folder; do
    exists "$folder" || mkdir -m "$mode" "$folder"
    if ! is_real_folder "$folder" || [ ! -O "$folder" ]; then
      fail "not a folder of user $CALLER: $RUN_DIR/$folder"
    fi
  done
  chmod "$mode" "$@"
}

# leaf_folders MODE USER GROUP FOLDER...: makes folders of one daemon. Root looks up no name in them, because the daemon
# may have put a link there. What must be done there is done as the daemon's user.
leaf_folders() {
  local mode=$1 user=$2 group=$3 folder
  shift 3
  for folder; do
    exists "$folder" || { mkdir -m 0700 "$folder" && chown -h "$user" "$folder"; }
    if ! is_real_folder "$folder" || [ "$(stat -c %U "$folder")" != "$user" ]; then
      fail "not a folder of user $user: $RUN_DIR/$folder"
    fi
  done
  chown -h "$user:$group" "$@"
  chmod "$mode" "$@"
}
