-- Decides where a read of one product or one order goes. It sets $cache_key, and returns the way:
--
--     cold     to a worker, as if there were no cache: nobody has asked for it within the last second (hot_reads.lua),
--              or its page is just being fetched, or is none that is stored
--     learn    to a worker: this nginx does not know yet which products the order shows
--     fill     to the cache, which stores the page: the first request of this nginx process under a new key
--     cached   to the cache, where the page is

local cache_room = require("cache_room")
local conditions = require("conditions")
local counters = require("counters")
local hot_reads = require("hot_reads")
local item_target = require("item_target")
local order_products = require("order_products")

local item = {}

-- The way of a request that is hot and knows its generation.
local function way(read, generation, target)
    conditions.ignore()
    local second = ngx.time()
    ngx.var.cache_key = ("%d.%d %s"):format(generation, second, target)
    if read.generation == generation and read.second == second then return read.is_stored and "cached" or "cold" end
    read.generation, read.second, read.is_stored = generation, second, false
    return "fill"
end

function item.product()
    local id, target = item_target.plain("products", ngx.var.request_uri)
    if not id then return "cold" end
    local read, is_hot = hot_reads.look_up(target)
    if not is_hot then return "cold" end
    return way(read, counters.get("all") + counters.get("p" .. counters.slot(id)), target)
end

-- The generation of an order counts its own counter and those of its products.
function item.order()
    local id, target = item_target.plain("orders", ngx.var.request_uri)
    if not id then return "cold" end
    local read, is_hot = hot_reads.look_up(target)
    if not is_hot then return "cold" end
    local own = counters.get("all") + counters.get("o" .. counters.slot(id))
    local products = order_products.generation(own, id)
    if not products then
        ngx.var.cache_key = order_products.name(own, id)
        return "learn"
    end
    return way(read, own + products, target)
end

-- Must be called after a fill.
function item.filled()
    cache_room.give_back()
    local read = hot_reads.find(ngx.var.cache_target)
    if read and (ngx.status == 200 or ngx.status == 304) then read.is_stored = true end
end

return item
