# shellcheck shell=bash
# Which users may control the stack's folder. Root follows no name that another user can replace.

# Trusted are root, the user that runs make, and the owner of the checkout, because that user runs the owner's programs
# anyway.
is_trusted() {
  [[ " root $(id -un) $(stat -c '%U %u' "$PROJECT") " == *" $1 "* ]]
}

# is_writable_by_others MODE OWNER GROUP: whether anybody except the owner can add names to a folder or remove them. The
# owner's own group, which Debian makes for each user, does not count. Nor does a sticky folder: the names in it that
# matter are checked, too.
is_writable_by_others() {
  local mode=$1 owner=$2 group=$3
  [[ ! ${mode:9} =~ [tT] ]] && [[ ${mode:8:1} == w || (${mode:5:1} == w && $group != "$owner") ]]
}

# require_trusted_path PATH: checks each folder and each link on the way to PATH, and PATH itself, as far as they exist.
require_trusted_path() {
  local mode owner group name
  while read -r mode owner group name; do
    [[ $mode =~ ^[a-z-][-rwxsStT]{9}$ ]] || continue  # Skips the heading, and what does not exist.
    [[ $mode == [dl]* ]] || fail "RUN_DIR=$RUN_LINK: $name is not a folder"
    is_trusted "$owner" || fail "RUN_DIR=$RUN_LINK: $name on the way to it belongs to user $owner"
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

require_folder_of() {
  if ! is_real_folder "$2" || [ "$(stat -c %U "$2")" != "$1" ]; then
    fail "not a folder of user $1: $RUN_DIR/$2"
  fi
}

# own_folder FOLDER MODE: makes a folder of the user that runs make. Only that user writes there; daemons may read it.
own_folder() {
  [ -e "$1" ] || [ -L "$1" ] || mkdir -m "$2" "$1"
  require_folder_of "$(id -un)" "$1"
  chmod "$2" "$1"
}

# leaf_folder FOLDER MODE USER GROUP: makes a folder of one daemon. Root looks up no name in it, because the daemon may
# have put a link there. What must be done there is done as the daemon's user.
leaf_folder() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then
    mkdir -m 0700 "$1"
    chown -h "$3" "$1"
  fi
  require_folder_of "$3" "$1"
  chown -h "$3:$4" "$1"
  chmod "$2" "$1"
}
