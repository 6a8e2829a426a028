# shellcheck shell=bash
# Whom the stack's folder may depend on. Root follows no name that somebody else can put something else under.

# Root, who runs make, and the owner of the checkout, whose programs that user runs anyway.
is_trusted() {
  [[ " root $(id -un) $(stat -c '%U %u' "$PROJECT") " == *" $1 "* ]]
}

# Whether anybody but the owner can put names into a folder, or take them out: not where a group is the owner's own, as
# Debian makes one for each user; nor, in a sticky folder, where the names that matter are looked at, too.
is_writable_by_others() {
  local mode=$1 owner=$2 group=$3
  [[ ! ${mode:9} =~ [tT] ]] && [[ ${mode:8:1} == w || (${mode:5:1} == w && $group != "$owner") ]]
}

# require_trusted_path PATH: each folder and each link on the way to it, and PATH itself, as far as it exists.
require_trusted_path() {
  local mode owner group name
  while read -r mode owner group name; do
    [[ $mode =~ ^[a-z-][-rwxsStT]{9}$ ]] || continue  # The heading, and what does not exist.
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

# own_folder FOLDER MODE: a folder of who runs make, for what only that user writes. Daemons may read it.
own_folder() {
  [ -e "$1" ] || [ -L "$1" ] || mkdir -m "$2" "$1"
  require_folder_of "$(id -un)" "$1"
  chmod "$2" "$1"
}

# leaf_folder FOLDER MODE USER GROUP: a folder of one daemon. Below it root looks nothing up by name, for there the
# daemon may have put a link: who has to, does it as the daemon's user.
leaf_folder() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then
    mkdir -m 0700 "$1"
    chown -h "$3" "$1"
  fi
  require_folder_of "$3" "$1"
  chown -h "$3:$4" "$1"
  chmod "$2" "$1"
}
