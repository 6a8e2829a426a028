-- Decides where a request to /orders goes: a list with a plain target to the cache, everything else to the workers.

local conditions = require("conditions")
local list_key = require("list_key")
local list_fills = require("list_fills")
local list_room = require("list_room")

local method = ngx.req.get_method()
local target, is_expanded
if method == "GET" or method == "HEAD" then
    target, is_expanded = list_key.plain_target(ngx.var.request_uri)
end
if not target then return ngx.exec("@orders_uncached") end

conditions.ignore()

-- The body of a GET means nothing, so nobody waits for it.
ngx.req.discard_body()

local key = list_key.key(target, is_expanded)
ngx.var.list_target = target
ngx.var.list_key = key
if list_fills.is_first(key) then
    if list_room.take() then return ngx.exec("@orders_list_fill") end
    list_fills.set_filled(key, false)
    return ngx.exec("@orders_uncached")
end
