#!/usr/bin/env bash
# Builds the Debian packages and leaves them in build/deb/out: build-deb.sh [VERSION]
#
# They are those of the last commit and of what has been changed since in the files that git knows. VERSION replaces what
# the file VERSION says, so that an upgrade can be tried.
#
# build/deb/tree stays, so that the next build compiles only what has changed. The same commit gives the same packages,
# wherever they are built: the only date in them is the commit's.
set -euo pipefail
cd "$(dirname "$0")/../.."
readonly TREE=build/deb/tree
readonly OUT=build/deb/out
readonly LOG=build/deb/log

fail() {
  printf 'build-deb: %s\n' "$*" >&2
  exit 1
}

# Changes only the files that differ from the last export. The others keep their times, and make their objects.
export_tree() {
  local changed
  changed=$(git stash create)
  mkdir -p "$TREE"
  GIT_INDEX_FILE=$PWD/build/deb/index git --work-tree="$TREE" read-tree --reset -u "${changed:-HEAD}"
}

set_version() {
  local old
  old=$(<"$TREE/VERSION")
  VERSION=${1:-$old}
  [[ $VERSION =~ ^[0-9][A-Za-z0-9.+~]*$ ]] || fail "VERSION must be a version of Debian, not \"$VERSION\""
  [ "$VERSION" = "$old" ] || echo "$VERSION" >"$TREE/VERSION"
}

write_changelog() {
  cat >"$TREE/debian/changelog" <<END
airship-shop ($VERSION) unstable; urgency=medium

  * CHANGELOG.md says what is new.

 -- $(sed -n 's/^Maintainer: //p' "$TREE/debian/control")  $(date --utc --rfc-email --date="@$SOURCE_DATE_EPOCH")
END
}

# dpkg-buildpackage gives the build a home of its own, in which npm does not know its registry. So the pages come first.
build_packages() {
  (
    cd "$TREE"
    make --no-print-directory build/npm/built
    dh_clean
    dpkg-buildpackage --build=binary --no-sign --no-pre-clean --jobs=auto >"../log" 2>&1 ||
      fail "dpkg-buildpackage fails; $LOG says why: $(grep -iE 'error' ../log | tail -n 1)"
  )
}

main() {
  export SOURCE_DATE_EPOCH
  umask 022
  mkdir -p "$OUT"
  exec 9>build/deb/lock
  flock 9
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
  export_tree
  set_version "$@"
  write_changelog
  build_packages
  rm -f build/deb/*.buildinfo build/deb/*.changes
  mv build/deb/*.deb "$OUT"
  ls "$OUT"/*_"$VERSION"_*.deb
}

main "$@"
