-- Decides where a read of a list of orders goes: one with a plain target to the cache, any other one to the workers.
--
-- As in reads.lua, a hit passes no pattern and no loop.

local conditions = require("conditions")
local cache_room = require("cache_room")
local counters = require("counters")
local list_fills = require("list_fills")
local list_target = require("list_target")
local lrucache = require("resty.lrucache")

local list = {}

-- What this nginx process knows of the lists that it was asked for last, by their targets as clients spell them:
--
--     target          in the one spelling of it
--     products        the counter of the products, if the list shows them
--     key             of the page that is up to date, as long as it is:
--     writes, second  the number of writes and the clock's second
--     is_filled       whether that page is known to be in the cache
local lists = lrucache.new(256)

-- Nothing if the target is not plain.
local function find(request_uri)
    local found = lists:get(request_uri)
    if found then return found end
    local target, kind, shows_products = list_target.plain(request_uri)
    if not target or kind ~= "orders" then return nil end
    found = { target = target, products = shows_products and { "products" } or nil }
    lists:set(request_uri, found)
    return found
end

local function update_key(found)
    local writes, second = counters.writes(), ngx.time()
    if found.writes == writes and found.second == second then return end
    local generation = counters.generation("orders", found.products)
    found.key = ("%d.%d %s"):format(generation, second, found.target)
    found.writes, found.second, found.is_filled = writes, second, false
end

local function fetch(key)
    if cache_room.take() then return ngx.exec("@list_fill") end
    list_fills.set_filled(key, false)
    return ngx.exec("@orders_uncached")
end

function list.read()
    local found = find(ngx.var.request_uri)
    if not found then return ngx.exec("@orders_uncached") end

    conditions.ignore()
    update_key(found)
    local key = found.key
    ngx.var.cache_key = key
    if found.is_filled then return end

    local is_first, is_filled = list_fills.is_first(key)
    if is_first then return fetch(key) end
    if found.key == key then found.is_filled = is_filled end  -- Other requests came while this one waited.
end

return list
