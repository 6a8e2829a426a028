-- Decides where a read of a list of orders goes: one with a plain target to the cache, any other one to the workers.
--
-- As in reads.lua, a hit passes no pattern and no loop.

local conditions = require("conditions")
local cache_room = require("cache_room")
local counters = require("counters")
local list_blocks = require("list_blocks")
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
--     counter, others  the counters of those, and of the products
--     key              of the page that is up to date, as long as these stay the same:
--     generation, second
--     writes           the number of writes as long as which the generation is the same
--     is_filled        whether that page is known to be in the cache
local lists = lrucache.new(256)

-- Nothing if the target is not plain.
local function find(request_uri)
    local found = lists:get(request_uri)
    if found then return found end
    local target, kind, shows_products = list_target.plain(request_uri)
    if not target or kind ~= "orders" then return nil end
    found = { target = target, shows_products = shows_products }
    lists:set(request_uri, found)
    return found
end

local function count(found, counts)
    local others = {}
    for name in counts:gmatch("%S+") do table.insert(others, counters.named(name) or counters.orders) end
    found.counter = table.remove(others, 1)
    if found.shows_products then table.insert(others, counters.products) end
    found.counts, found.others, found.generation = counts, others, nil
end

local function update_key(found)
    local writes, second = counters.writes(), ngx.time()
    if found.writes == writes and found.second == second then return end
    found.writes = writes
    local counts = list_blocks.counts(found.target, second)
    if found.counts ~= counts then count(found, counts) end
    local generation = counters.generation(found.counter, found.others)
    if found.generation == generation and found.second == second then return end
    found.key = ("%d.%d %s %s"):format(generation, second, found.target, counts)
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

local function learn(blocks, is_cached)
    local found = lists:get(ngx.var.request_uri)
    if not found then return end
    list_blocks.learn(found.target, blocks)
    if not is_cached then found.writes = nil end  -- The next request looks for another key.
end

-- Must be called after a request that had to fetch a list. Now its page is in the cache, or will not be.
function list.filled()
    local is_page = ngx.status == 200 or ngx.status == 304
    local is_cached = is_page and ngx.var.shows_uncounted == ""
    cache_room.give_back()
    list_fills.set_filled(ngx.var.cache_key, is_cached)
    if is_page then learn(ngx.var.upstream_http_x_shows, is_cached) end
end

return list
