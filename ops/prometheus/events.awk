# Counts what the workers and the reconciler log (workers/common/log_event.h). Reads new lines of their logs. What comes
# from outside has its quotes escaped, so it cannot look like a field.
BEGIN {
  FS = "\""
  # A counter that is first seen at 1 has not grown for Prometheus. So those that alerts watch begin at 0.
  add("shop_log_events_total{part=\"reconciler\",event=\"movement_broken\"}", 0)
}

$10 == "part" && $14 == "event" {
  add("shop_log_events_total{part=\"" $12 "\",event=\"" $16 "\"}", 1)
  if (match($0, /"store":"[a-z]+"/) && $16 != "request_slow") {
    store = substr($0, RSTART + 9, RLENGTH - 10)
    match($0, /"kind":"[a-z_]+"/)
    add("shop_store_errors_total{part=\"" $12 "\",store=\"" store "\",kind=\"" substr($0, RSTART + 8, RLENGTH - 9) "\"}", 1)
  }
}

$16 == "rows_purged" {
  for (i = 17; i < NF; ++i) {
    if ($i ~ /^(movements|keys)$/) add("shop_purged_rows_total{of=\"" $i "\"}", substr($(i + 1), 2) + 0)
  }
}

END {
  show("shop_purged_rows_total", "counter", "Old rows that the reconciler has removed.")
  show("shop_log_events_total", "counter", "Lines of the workers and the reconciler, by their event.")
  show("shop_store_errors_total", "counter", "Failures of a store that a worker or the reconciler has logged.")
}
