-- Where a request to /orders goes: a list to the cache, all else on to the workers.

local method = ngx.req.get_method()
if method ~= "GET" and method ~= "HEAD" then return end

local list_key = require("list_key")
local target, is_expanded = list_key.canonical_target(ngx.var.request_uri)
if not target then return end

-- Lists know no versions to be matched: such a condition changes nothing, as everywhere in the shop. nginx would answer 412.
if ngx.var.http_if_match then ngx.req.clear_header("If-Match") end
if ngx.var.http_if_unmodified_since then ngx.req.clear_header("If-Unmodified-Since") end

local key = list_key.key(target, is_expanded)
ngx.var.list_target = target
ngx.var.list_key = key
ngx.exec(require("list_fills").is_first(key) and "@orders_list_fill" or "@orders_list")
