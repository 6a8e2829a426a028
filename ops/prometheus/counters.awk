# Counters that go on from run to run. A program of ops/prometheus/ is this file and its own. It adds to counters by
# add(), and calls show() for each metric at its end. `previous` is the file that the run before has written: it holds
# the counters, in Prometheus' text format.
BEGIN {
  while ((getline line <previous) > 0) {
    if (line !~ /^#/ && match(line, / [^ ]*$/)) count[substr(line, 1, RSTART - 1)] = substr(line, RSTART + 1)
  }
}

function add(series, amount) {
  count[series] += amount
}

# Writes all series of the metric `name`. Those of a histogram begin with its name, too.
function show(name, type, help, series, length_of_name, next_letter) {
  printf "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type
  length_of_name = length(name)
  for (series in count) {
    next_letter = substr(series, length_of_name + 1, 1)
    if (substr(series, 1, length_of_name) != name || next_letter != "{" && (type != "histogram" || next_letter != "_")) continue
    printf series ~ /_seconds_sum{/ ? "%s %.6f\n" : "%s %.0f\n", series, count[series]
  }
}
