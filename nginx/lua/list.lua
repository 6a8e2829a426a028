-- Decides where a read of a list of orders goes: one with a plain target to the cache, any other one to the workers.

local conditions = require("conditions")
local cache_room = require("cache_room")
local counters = require("counters")
local list_fills = require("list_fills")
local list_target = require("list_target")

local target, kind, shows_products = list_target.plain(ngx.var.request_uri)
if kind ~= "orders" then return ngx.exec("@orders_uncached") end

conditions.ignore()

local generation = counters.generation("orders", shows_products and { "products" })
local key = ("%d.%d %s"):format(generation, ngx.time(), target)
ngx.var.cache_key = key
if list_fills.is_first(key) then
    if cache_room.take() then return ngx.exec("@list_fill") end
    list_fills.set_filled(key, false)
    return ngx.exec("@orders_uncached")
end
