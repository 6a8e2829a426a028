#!/usr/bin/env bash
# Builds build/pages, which nginx serves beside the shop itself: openapi.json, made from docs/openapi.yaml, and the
# pages that show it, made from docs/pages with the help of npm. If npm fails, there are no pages, and one line says so.
# The shop works without them, and the next build tries again, because build/npm/built is there only if the pages are.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Finds Debian's node: docs/pages/package-lock.json was tested with it.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
readonly OUT=build/pages
readonly MODULES=build/npm/node_modules
readonly LOG=build/npm/log
readonly NO_IMAGE="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='0' height='0'/%3E"

# With a time limit, because a registry may not answer.
install_modules() {
  cp docs/pages/{package.json,package-lock.json,.npmrc} build/npm
  (cd build/npm && timeout 300 npm ci --prefer-offline --fetch-retries=1 --fetch-retry-mintimeout=1000 \
    --fetch-timeout=20000) >"$LOG" 2>&1
}

version() {
  jq --raw-output .version "$MODULES/$1/package.json"
}

# library PACKAGE FILE NAME: copies a file of a package, with the version in its name, so that browsers may keep it.
# Removes what the file would load from elsewhere: its sources, for a debugger, and the logo of Redoc's makers.
library() {
  sed -e '/^\/[*\/]# sourceMappingURL=/d' -e "s|https://cdn\.redoc\.ly/redoc/logo-mini\.svg|$NO_IMAGE|" \
    "$MODULES/$1/$2" >"$OUT.new/pages/$3-$(version "$1").${2##*.}"
}

build_pages() {
  mkdir -p "$OUT.new/pages"
  library swagger-ui-dist swagger-ui-bundle.js swagger-ui
  library swagger-ui-dist swagger-ui.css swagger-ui
  library redoc bundles/redoc.standalone.js redoc
  cp docs/pages/*.js docs/pages/*.css "$OUT.new/pages"
  sed "s/@SWAGGER_UI@/$(version swagger-ui-dist)/" docs/pages/docs.html >"$OUT.new/docs.html"
  sed "s/@REDOC@/$(version redoc)/" docs/pages/redoc.html >"$OUT.new/redoc.html"
  touch build/npm/built
}

umask 022
mkdir -p build/npm
if ! [ -w build/npm ]; then
  echo "the pages /docs and /redoc cannot be built: $(id -un) may not write to build/npm"
  exit
fi
exec 9>build/npm/lock
flock 9  # Another build may run here, too.
rm -rf "$OUT.new" build/npm/built
mkdir "$OUT.new"
sed "s/@VERSION@/$(cat VERSION)/" docs/openapi.yaml |
  /usr/bin/python3 -c 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)' >"$OUT.new/openapi.json"
if install_modules; then
  build_pages
else
  reason=$(sed -nE 's/^npm (ERR!|error) code //p' "$LOG" | head -n 1)
  echo "the pages /docs and /redoc are missing: npm: ${reason:-$(tail -n 1 "$LOG")}"
fi
rm -rf "$OUT"
mv "$OUT.new" "$OUT"
