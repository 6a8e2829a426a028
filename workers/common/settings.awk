# Makes the constants of settings.h from the output of ops/settings.awk.
BEGIN { FS = "|" }
$4 ~ /products|orders|reconciler/ {
  constant = "k"
  words = split(tolower($1), word, "_")
  for (i = 1; i <= words; ++i) constant = constant toupper(substr(word[i], 1, 1)) substr(word[i], 2)
  if (split($3, range, " to ") == 2) {
    printf "inline constexpr IntegerSetting %s{\"%s\", %s, %s, %s};\n", constant, $1, $2, range[1], range[2]
  } else {
    printf "inline constexpr TextSetting %s{\"%s\", \"%s\", \"%s\"};\n", constant, $1, $2 ~ /^\(/ ? "" : $2, $3
  }
}
