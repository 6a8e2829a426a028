-- What is asked for often. The cache is for this alone: to store what nobody asks for again would cost more than it
-- brings.
--
-- Each nginx process keeps a table of its own, of a fixed size, whatever is asked for: of two targets that fall on one
-- place, the later one takes it.

local ffi = require("ffi")

ffi.cdef([[
    typedef struct {
        double asked, generation;
        uint32_t hash, second;
    } shop_hot_read_t;
]])

local hot_reads = {}

local PLACES = 65536
local LONGEST_PAUSE = 1  -- Seconds between two requests.
local reads = ffi.new("shop_hot_read_t[?]", PLACES)

-- Notes a request for `target`. Returns the target's place, and whether it was asked for within the last second
-- already. The place has `generation` and `second` for the caller; they are kept as long as the target is.
function hot_reads.look_up(target)
    local hash, now = ngx.crc32_long(target), ngx.now()
    local read = reads[hash % PLACES]
    local is_hot = read.hash == hash and now - read.asked < LONGEST_PAUSE
    if not is_hot then read.hash, read.generation = hash, 0 end
    read.asked = now
    return read, is_hot
end

return hot_reads
