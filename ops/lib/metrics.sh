# shellcheck shell=bash
# Metrics in Prometheus' text format, in a folder that node_exporter's textfile collector reads.

# gauge NAME HELP: the head of a metric.
gauge() {
  printf '# HELP %s %s\n# TYPE %s gauge\n' "$1" "$2" "$1"
}

# show_gauge NAME HELP VALUE: a metric that has one value.
show_gauge() {
  gauge "$1" "$2"
  echo "$1 $3"
}

# install_metrics FOLDER NAME COMMAND...: puts the metrics that the command prints in the place of the earlier ones, at
# once. If it fails, those stay. The exporter's user may read them, whatever the umask is.
install_metrics() {
  local new=$1/$2.prom.new
  (umask 022 && "${@:3}" >"$new") && mv "$new" "$1/$2.prom"
}
