# Prints the settings in ops/settings.md, one on each line: name|default|may be|of|meaning. A default that is described
# in words is in parentheses.
BEGIN { FS = " *[|] *"; OFS = "|" }
/^[|] `[A-Z_]+` [|]/ {
  fallback = $3 ~ /^`.*`$/ ? $3 : "(" $3 ")"
  $0 = $2 "|" fallback "|" $4 "|" $5 "|" $6
  gsub(/`/, "")
  print
}
