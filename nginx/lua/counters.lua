-- The counters that pages depend on (edge_cache.conf):
--
--     p0 ... p65535, o0 ... o65535   the products and the orders, by the slots of their ids
--     b0 ... b4095                   the orders, by the blocks of their ids: for lists of orders that others follow
--     products, orders               all products, and all orders: for the other lists
--     all                            everything
--     writes                         what has raised any of the others
--
-- A counter only grows. So the generation of a page, the sum of the counters that it depends on, is another one as soon
-- as one of them is raised, and never comes back.
--
-- They are one array, in memory that all nginx processes share. Here a counter is its place in the array. A
-- lua_shared_dict is a tree: the way down to three of 135,000 counters took up to 9 of nginx's 98 µs for POST /orders,
-- as most of its steps wait for memory that is in no cache of the processor.

local ffi = require("ffi")

-- mmap(2), and the atomic functions that GCC calls where a processor has no instruction for them.
ffi.cdef([[
    void *mmap(void *address, size_t bytes, int protection, int flags, int file, long offset);
    uint64_t __atomic_load_8(const void *counter, int order);
    uint64_t __atomic_fetch_add_8(void *counter, uint64_t value, int order);
]])
local atomic = ffi.load("libatomic.so.1")
local READ_AND_WRITE, SHARED_AND_ANONYMOUS, NO_FILE = 3, 0x21, -1  -- As Linux numbers them.
local IN_ORDER = 5  -- __ATOMIC_SEQ_CST: all processes see what is raised in one order.

local SLOTS = 65536
local BLOCKS = 4096  -- As in workers/orders/order.cpp.

local counters = { products = 0, orders = 1 }
local ALL, WRITES = 2, 3
local FIRST = { p = 4, o = 4 + SLOTS, b = 4 + 2 * SLOTS }
local HOW_MANY = { p = SLOTS, o = SLOTS, b = BLOCKS }
local TOTAL = 4 + 2 * SLOTS + BLOCKS

local array

local function value(counter)
    return tonumber(atomic.__atomic_load_8(array + counter, IN_ORDER))
end

local function add(counter, number)
    atomic.__atomic_fetch_add_8(array + counter, number, IN_ORDER)
end

-- Of zeros.
local function map_memory()
    local memory = ffi.C.mmap(nil, TOTAL * ffi.sizeof("uint64_t"), READ_AND_WRITE, SHARED_AND_ANONYMOUS, NO_FILE, 0)
    assert(tonumber(ffi.cast("intptr_t", memory)) ~= -1, "no memory for the counters")
    return ffi.cast("uint64_t *", memory)
end

-- Call this when nginx starts or reloads. A reload keeps the counters: one that began again would bring back pages that
-- are out of date. The master process still has their memory, at the address in the dictionary, and its new children
-- get it, too. "all" starts from the clock, in microseconds. An earlier nginx, whose pages may still be in the cache,
-- cannot have counted that far.
function counters.start()
    local kept, name = ngx.shared.counters, "address of " .. TOTAL
    local address = kept:get(name)
    array = address and ffi.cast("uint64_t *", address) or map_memory()
    if address then return end
    add(ALL, ngx.now() * 1e6)
    assert(kept:safe_set(name, tonumber(ffi.cast("intptr_t", array))))
end

-- The slot of an id: the last bits of its CRC32, as in workers/common/slots.cpp.
local function slot(id)
    return ngx.crc32_long(id) % SLOTS
end

function counters.of_product(id) return FIRST.p + slot(id) end
function counters.of_order(id) return FIRST.o + slot(id) end

-- The counter of a slot or a block, by the name that workers have for it, as "p12"; nil if there is none.
function counters.named(name)
    local kind, number = name:sub(1, 1), tonumber(name:sub(2))
    local is_one = FIRST[kind] and number and number >= 0 and number < HOW_MANY[kind] and number % 1 == 0
    return is_one and FIRST[kind] + number or nil
end

-- As long as this is the same, so is every generation. Must be asked for before them.
function counters.writes()
    return value(WRITES)
end

-- The generation of a page: the sum of "all", of the counter, and of the `others`, if there are any. The first one is
-- not in the loop: most pages have at most one, and LuaJIT compiles better what passes no loop.
function counters.generation(counter, others)
    local sum = value(ALL) + value(counter)
    if not others or not others[1] then return sum end
    sum = sum + value(others[1])
    for i = 2, #others do sum = sum + value(others[i]) end
    return sum
end

-- Raises the counter whose name begins at `first`. Returns where the next name begins; nothing if there is no such
-- counter.
local function raise_name(changed, first)
    local blank = changed:find(" ", first, true) or #changed + 1
    local counter = counters.named(changed:sub(first, blank - 1))
    if not counter then return nil end
    add(counter, 1)
    return blank + 1
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
    if changed:find("p", 1, true) then add(counters.products, 1) end
    if not changed:find("o", 1, true) then return true end
    add(counters.orders, 1)
    return changed:find("b", 1, true) ~= nil
end

-- Raises what a write has changed. nil if it is unknown: then it may be everything. "writes" comes last: whoever still
-- finds the old one asks before the answer to this write goes out.
function counters.raise(changed)
    if not changed or not raise_named(changed) then add(ALL, 1) end
    add(WRITES, 1)
end

return counters
