# Counts the requests that found the queue of a pool full. Reads new lines of nginx's error log: EAGAIN of connect(2).
BEGIN {
  # A counter that is first seen at 1 has not grown for Prometheus.
  add("shop_pool_full_total{pool=\"products\"}", 0)
  add("shop_pool_full_total{pool=\"orders\"}", 0)
}

/\(11: Resource temporarily unavailable\) while connecting to upstream/ {
  if (match($0, /upstream: "fastcgi:\/\/unix:[^"]*\/[a-z]+\.sock:/)) {
    pool = substr($0, RSTART, RLENGTH - 6)
    sub(/.*\//, "", pool)
    add("shop_pool_full_total{pool=\"" pool "\"}", 1)
  }
}

END { show("shop_pool_full_total", "counter", "Requests that found the queue of a pool full.") }
