-- The counters that pages depend on (edge_cache.conf). They are in shared memory, which a reload keeps:
--
--     p0 ... p65535, o0 ... o65535   the products and the orders, by the slots of their ids
--     b0 ... b4095                   the orders, by the blocks of their ids: for lists of orders that others follow
--     products, orders               all products, and all orders: for the other lists
--     all                            everything
--
-- And in a dictionary of its own, because a name is found sooner in a small one:
--
--     writes                         what has raised any of the others
--
-- A counter only grows. So the generation of a page, the sum of the counters that it depends on, is another one as soon
-- as one of them is raised, and never comes back.

local counters = {}

local SLOTS = 65536
local BLOCKS = 4096  -- As in workers/orders/order.cpp.
local dict = ngx.shared.counters
local writes = ngx.shared.writes

local function add(name, value)
    local is_added, problem = dict:safe_add(name, value)
    if not is_added then error("counter " .. name .. ": " .. problem) end  -- The dictionary is too small.
end

-- Call this when nginx starts. All counters are made here, and none is ever evicted: a counter that began again would
-- bring back pages that are out of date. "all" starts from the clock, in microseconds. An earlier nginx, whose pages
-- may still be in the cache, cannot have counted that far.
function counters.start()
    writes:add("writes", 0)
    if dict:get("all") then return end
    for slot = 0, SLOTS - 1 do
        add("p" .. slot, 0)
        add("o" .. slot, 0)
    end
    for block = 0, BLOCKS - 1 do add("b" .. block, 0) end
    add("products", 0)
    add("orders", 0)
    add("all", ngx.now() * 1e6)
end

-- The slot of an id: the last bits of its CRC32, as in workers/common/slots.cpp.
function counters.slot(id)
    return ngx.crc32_long(id) % SLOTS
end

-- As long as this is the same, so is every generation. Must be asked for before them.
function counters.writes()
    return writes:get("writes")
end

-- The generation of a page: the sum of "all", of the counter, and of the `others`, if there are any. The first one is
-- not in the loop: most pages have at most one, and LuaJIT compiles better what passes no loop.
function counters.generation(counter, others)
    local sum = dict:get("all") + dict:get(counter)
    if not others or not others[1] then return sum end
    sum = sum + dict:get(others[1])
    for i = 2, #others do sum = sum + dict:get(others[i]) end
    return sum
end

-- Raises the counter whose name begins at `first`. Returns where the next name begins; nothing if there is no such
-- counter.
local function raise_name(changed, first)
    local blank = changed:find(" ", first, true) or #changed + 1
    if dict:incr(changed:sub(first, blank - 1), 1) then return blank + 1 end
end

local function raise_names(changed, first)
    while first and first <= #changed do first = raise_name(changed, first) end
    return first
end

-- Raises the counters that `changed` names, as in "b0 o77 p12 p4711", and those of the lists in which they show. False
-- if it names anything else, or an order without its block, as a worker of an earlier version does. The first three are
-- not in the loop, as in counters.generation(): most orders have one product.
local function raise_named(changed)
    local first = raise_name(changed, 1)
    if first and first <= #changed then first = raise_name(changed, first) end
    if first and first <= #changed then first = raise_name(changed, first) end
    if first and first <= #changed then first = raise_names(changed, first) end
    if not first then return false end
    if changed:find("p", 1, true) then dict:incr("products", 1) end
    if not changed:find("o", 1, true) then return true end
    dict:incr("orders", 1)
    return changed:find("b", 1, true) ~= nil
end

-- Raises what a write has changed. nil if it is unknown: then it may be everything. "writes" comes last: whoever still
-- finds the old one asks before the answer to this write goes out.
function counters.raise(changed)
    if not changed or not raise_named(changed) then dict:incr("all", 1) end
    writes:incr("writes", 1)
end

return counters
