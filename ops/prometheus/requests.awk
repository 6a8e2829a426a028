# Counts nginx's requests. Reads new lines of the access log (nginx/log.conf), whose first fields it takes by their
# place.
#
# nginx measures time in milliseconds. What is 0 for it took less than one: as long as the worker had it; next to
# nothing if no worker was asked; the whole one if the worker does not say (a list of orders on its way into the cache).
#
# Most requests are answered from nginx's memory, and their lines are alike in all that is counted. So those are only
# compared, and one line of each kind is taken apart.
BEGIN {
  FS = "\""
  time = "{\"time\":\"2026-11-26T08:04:29+00:00\""  # nginx writes all times as long as this one.
  after_time = length(time) + 1
  head = ",\"level\":\"info\",\"part\":\"nginx\",\"event\":\"request\",\"route\":\""
  after_head = after_time + length(head)
  no_worker = ",\"upstream_time\":\"\",\"upstream_status\":\"\",\"worker_us\":\"\","
  buckets = split("0.00025 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10 15", bucket, " ")
  split("GET HEAD POST PUT PATCH DELETE OPTIONS", words, " ")
  for (i in words) method[words[i]] = words[i]
}

# The line stands for so many.
function take(times, route, seconds, worker_seconds, i) {
  if ($14 != "event" || $18 != "route") {
    add("shop_log_unreadable_lines_total{log=\"nginx-access\"}", times)
    return
  }
  route = $20
  # The counters of this run, by what they are counted by: a series' whole name would take longer to build.
  requests[route "\",method=\"" (($24 in method) ? $24 : "other") "\",status=\"" substr($31, 2, 3) \
    "\",cache=\"" $28] += times
  bytes[route] += times * substr($33, 2)
  seconds = substr($35, 2) + 0
  worker_seconds = $44 == "worker_us" ? $46 / 1000000 : 0
  if (seconds < worker_seconds) seconds = worker_seconds
  sum[route] += times * seconds
  if (seconds == 0 && $40 == "upstream_status" && $42 != "") seconds = 0.001
  for (i = 1; i <= buckets && seconds > bucket[i]; ++i) continue
  took[route, i] += times
}

# Often a line is even like the last one. That is seen sooner than what its kind is.
last != "" && index($0, last) == after_time {
  ++like_the_last
  next
}

(end = index($0, no_worker)) && index($0, head) == after_time {
  alike[kind] += like_the_last
  kind = substr($0, after_head, end - after_head)
  last = head kind no_worker
  like_the_last = 1
  next
}

{ take(1) }

END {
  alike[kind] += like_the_last
  delete alike[""]  # Before the first line.
  for (kind in alike) {
    $0 = time head kind no_worker
    take(alike[kind])
  }
  for (key in requests) add("shop_http_requests_total{route=\"" key "\"}", requests[key])
  for (route in bytes) {
    add("shop_http_response_bytes_total{route=\"" route "\"}", bytes[route])
    name = "shop_http_request_duration_seconds"
    labels = "{route=\"" route "\""
    add(name "_sum" labels "}", sum[route])
    below = 0
    for (i = 1; i <= buckets; ++i) add(name "_bucket" labels ",le=\"" bucket[i] "\"}", below += took[route, i])
    add(name "_bucket" labels ",le=\"+Inf\"}", below += took[route, i])
    add(name "_count" labels "}", below)
  }
  show("shop_http_requests_total", "counter", "Requests that nginx has answered.")
  show("shop_http_response_bytes_total", "counter", "Bytes that nginx has sent to clients, with the heads.")
  show("shop_http_request_duration_seconds", "histogram", "Time from the first byte of a request to the last byte of its answer.")
  show("shop_log_unreadable_lines_total", "counter", "Lines of a log that are not as they should be.")
}
