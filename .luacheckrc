std = "luajit"
max_line_length = 120
files["nginx"] = {std = "ngx_lua"}
files["nginx/lua/request_body.lua"] = {read_globals = {coroutine = {other_fields = true}}}
-- The build puts the preludes before each script of the workers, and audit-stock puts them before each one in ops/lua.
files["workers"] = {read_globals = {"redis", "KEYS", "ARGV", "FIELDS", "product_key", "read_product", "add_pending",
  "is_pending", "put_back", "append_event", "is_integer"}}
files["ops/lua"] = {read_globals = {"redis", "KEYS", "ARGV", "cjson", "FIELDS", "product_key", "read_product",
  "append_event", "is_integer"}}
files["**/prelude.lua"] = {ignore = {"211", "431"}}
files["tests/perf/wrk"] = {globals = {"wrk", "init", "request", "response", "setup", "done", "delay"}}
