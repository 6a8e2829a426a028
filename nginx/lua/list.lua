-- Decides where a read of a list goes: one with a plain target to the cache, any other one to the workers.

local conditions = require("conditions")
local cache_room = require("cache_room")
local counters = require("counters")
local hot_reads = require("hot_reads")
local list_fills = require("list_fills")
local list_target = require("list_target")

local function uncached()
    return ngx.exec(ngx.var.uri:find("^/orders") and "@orders_uncached" or "@products_uncached")
end

local function generation(kind, is_expanded)
    local sum = counters.get("all") + counters.get(kind)
    return is_expanded and sum + counters.get("products") or sum
end

local target, kind, is_expanded = list_target.plain(ngx.var.request_uri)
if not target then return uncached() end

-- A page of orders is stored at once: each client asks for the same ones.
if kind == "products" then
    local _, is_hot = hot_reads.look_up(target)
    if not is_hot then return uncached() end
end

conditions.ignore()

local key = ("%d.%d %s"):format(generation(kind, is_expanded), ngx.time(), target)
ngx.var.cache_key = key
if list_fills.is_first(key) then
    if cache_room.take() then return ngx.exec("@list_fill") end
    list_fills.set_filled(key, false)
    return uncached()
end
