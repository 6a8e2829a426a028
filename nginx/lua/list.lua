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
--     target           in the one spelling of it
--     shows_products
--     counts           which orders its generation counts: "b0 b1", the blocks of its own and of the one that follows;
--                      "orders" if none follows, or if that is not known yet
--     shown            the same by the answer that came last
--     counter, others  the counters of those, and of the products
--     key              of the page that is up to date, as long as these stay the same:
--     generation, second
--     writes           the number of writes as long as which the generation is the same
--     is_filled        whether that page is known to be in the cache
local lists = lrucache.new(256)

local function count(found, counts)
    local others = {}
    for name in counts:gmatch("%S+") do table.insert(others, name) end
    found.counter = table.remove(others, 1)
    if found.shows_products then table.insert(others, "products") end
    found.counts, found.shown, found.others = counts, counts, others
end

-- Nothing if the target is not plain.
local function find(request_uri)
    local found = lists:get(request_uri)
    if found then return found end
    local target, kind, shows_products = list_target.plain(request_uri)
    if not target or kind ~= "orders" then return nil end
    found = { target = target, shows_products = shows_products }
    count(found, "orders")
    lists:set(request_uri, found)
    return found
end

local function update_key(found)
    local writes, second = counters.writes(), ngx.time()
    if found.writes == writes and found.second == second then return end
    found.writes = writes
    local generation = counters.generation(found.counter, found.others)
    if found.generation == generation and found.second == second then return end
    if found.shown ~= found.counts then
        count(found, found.shown)
        generation = counters.generation(found.counter, found.others)
    end
    found.key = ("%d.%d %s %s"):format(generation, second, found.target, found.counts)
    found.generation, found.second, found.is_filled = generation, second, false
end

local function fetch(key, counts)
    ngx.var.cache_counts = counts
    if cache_room.take() then return ngx.exec("@list_fill") end
    list_fills.set_filled(key, false)
    return ngx.exec("@orders_uncached")
end

function list.read()
    local found = find(ngx.var.request_uri)
    if not found then return ngx.exec("@orders_uncached") end

    conditions.ignore()
    update_key(found)
    local key, counts = found.key, found.counts
    ngx.var.cache_key = key
    if found.is_filled then return end

    local is_first, is_filled = list_fills.is_first(key)
    if is_first then return fetch(key, counts) end
    if found.key == key then found.is_filled = is_filled end  -- Other requests came while this one waited.
end

-- Must be called when a list was fetched. `blocks` are those that the worker named, or nil. The key stays the same as
-- long as the page is cached under it.
function list.learn(blocks, is_cached)
    local found = lists:get(ngx.var.request_uri)
    if not found then return end
    found.shown = blocks or "orders"
    if not is_cached then found.writes, found.generation = nil, nil end
end

return list
