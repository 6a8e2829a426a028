# shellcheck shell=bash
# Metrics in Prometheus' text format, in a folder that node_exporter's textfile collector reads.

# gauge NAME HELP: the head of a metric.
gauge() {
  printf '# HELP %s %s\n# TYPE %s gauge\n' "$1" "$2" "$1"
}

# install_metrics FOLDER NAME: puts the metrics that it reads in the place of the earlier ones, at once. The exporter's
# user may read them, whatever the umask is.
install_metrics() {
  cat >"$1/$2.prom.new"
  chmod 0644 "$1/$2.prom.new"
  mv "$1/$2.prom.new" "$1/$2.prom"
}
