-- The counters that the keys of the cache depend on (edge_cache.conf). They are in shared memory, which a reload keeps:
--
--     p0 ... p65535, o0 ... o65535   the products and the orders, by the slots of their ids
--     products, orders               all products, and all orders: for the lists
--     all                            everything
--
-- A counter only grows. So the generation of a page, the sum of the counters that it depends on, is another one as soon
-- as one of them is raised, and never comes back.

local counters = {}

local SLOTS = 65536
local dict = ngx.shared.counters

local function add(name, value)
    local is_added, problem = dict:safe_add(name, value)
    if not is_added then error("counter " .. name .. ": " .. problem) end  -- The dictionary is too small.
end

-- Call this when nginx starts. All counters are made here, and none is ever evicted: a counter that began again would
-- bring back pages that are out of date. "all" starts from the clock, in microseconds. An earlier nginx, whose pages
-- may still be in the cache, cannot have counted that far.
function counters.start()
    if dict:get("all") then return end
    for slot = 0, SLOTS - 1 do
        add("p" .. slot, 0)
        add("o" .. slot, 0)
    end
    add("products", 0)
    add("orders", 0)
    add("all", ngx.now() * 1e6)
end

-- The slot of an id: the last bits of its CRC32, as in workers/common/slots.cpp.
function counters.slot(id)
    return ngx.crc32_long(id) % SLOTS
end

function counters.get(name)
    return dict:get(name)
end

-- The lists in which something of that kind shows.
local LISTS = { p = "products", o = "orders" }

-- Raises the counters that `changed` names, as in "p12 p4711 o77", and those of the lists. False if it names anything
-- else.
local function raise_named(changed)
    local lists = {}
    for name in changed:gmatch("%S+") do
        local list = LISTS[name:sub(1, 1)]
        if not list or not dict:incr(name, 1) then return false end
        lists[list] = true
    end
    for list in pairs(lists) do dict:incr(list, 1) end
    return true
end

-- Raises what a write has changed. nil if it is unknown: then it may be everything.
function counters.raise(changed)
    if not changed or not raise_named(changed) then dict:incr("all", 1) end
end

return counters
