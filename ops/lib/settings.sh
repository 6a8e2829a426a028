# shellcheck shell=bash
# What the programs share that read settings. Each of them sets PROGRAM, its name, and PROJECT, the folder that has ops/.

fail() {
  printf '%s: %s\n' "$PROGRAM" "$*" >&2
  exit 1
}

# Reads a program's output and prints the line that says why it failed: its last error, else its last line. multiwatch's
# lines about its children are no reason.
reason() {
  local lines
  lines=$(grep -vE '^[[:space:]]*$|^(Spawning child|Child)\[' | tail -n 20)
  grep -iE 'error|fatal|panic|emerg' <<<"$lines" | tail -n 1 | grep . || tail -n 1 <<<"$lines"
}

# The lines of ops/settings.awk.
mapfile -t SETTINGS_TABLE < <(awk -f "$PROJECT/ops/settings.awk" "$PROJECT/ops/settings.md")
readonly SETTINGS_TABLE

# settings_of PARTS: the lines for these parts. PARTS is a pattern.
settings_of() {
  local line
  for line in "${SETTINGS_TABLE[@]}"; do
    [[ ! $line =~ ^([^|]*\|){3}[^|]*($1) ]] || printf '%s\n' "$line"
  done
}

# load_defaults PARTS: gives each setting of these parts its default, unless it is set. Defaults that are described in
# words are the caller's work.
load_defaults() {
  local name fallback
  while IFS='|' read -r name fallback _; do
    [[ $fallback == \(* ]] || printf -v "$name" %s "${!name:-$fallback}"
  done < <(settings_of "$1")
}

# require_allowed NAME CHOICES: fails if the setting's value is none of the choices, as ops/settings.md has them: "off
# or 1 to 9".
require_allowed() {
  local name=$1 choices=$2 value=${!1} min max
  while read -r min _ max; do
    [ "$value" != "$min" ] || return 0
    if [[ $max && $value =~ ^[1-9][0-9]{0,8}$ ]] && [ "$value" -ge "$min" ] && [ "$value" -le "$max" ]; then
      return
    fi
  done <<<"${choices// or /$'\n'}"
  fail "$name must be $choices, not \"$value\""
}

# require_all_allowed PARTS: the same for all settings of these parts.
require_all_allowed() {
  local name choices
  while IFS='|' read -r name _ choices _; do
    [ -z "$choices" ] || require_allowed "$name" "$choices"
  done < <(settings_of "$1")
}
