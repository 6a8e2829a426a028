-- Whether a page still fits into the cache. On a full file system nginx would cut an answer short, or give
-- none, because it sends the client what it has written to the cache. max_size does not help: it counts neither files
-- that are being written nor deleted files that a slow client still reads.
--
-- The free room is what the file system says, less one page for each fill under way, because a fill may have written
-- little yet. Only a request that fetches a page asks, so a hit pays nothing.

local ffi = require("ffi")

ffi.cdef([[
    typedef struct {
        unsigned long f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail;
        unsigned long f_fsid, f_flag, f_namemax;
        int spare[6];
    } shop_statvfs_t;
    int statvfs(const char *path, shop_statvfs_t *buffer);
]])

local cache_room = {}

local FOLDER = ngx.config.prefix() .. "cache_orders"  -- edge_cache.conf.
local PAGE = (1024 + 64) * 1024  -- Bytes: the largest body, its head, and what rounding to whole blocks loses.
local RESERVE = 4  -- Pages that stay free, for whatever else is written there.

-- Seconds; after them a fill has written its page, or never will: longer than list_cached.conf allows a worker.
-- The end of the request does not count: a slow client may take much longer to read, and a killed nginx never says that
-- a fill is done.
local PERIOD = 30

local WARN_EVERY = 10  -- Seconds.
local next_warning = 0

local found = ffi.new("shop_statvfs_t")
local can_look = false

-- Call this when nginx starts. If the file system cannot be looked at, every page is cached, and the log says so.
function cache_room.start()
    can_look = ffi.os == "Linux" and ffi.abi("64bit")
        and ffi.C.statvfs(ngx.config.prefix(), found) == 0 and found.f_frsize > 0 and found.f_blocks >= found.f_bavail
    if not can_look then ngx.log(ngx.WARN, "no statvfs: a full file system of the cache will not be seen") end
end

-- How many pages fit. A missing folder has room for none. Some file systems do not count files, and say 0.
local function free_pages()
    if not can_look then return math.huge end
    if ffi.C.statvfs(FOLDER, found) ~= 0 then return 0 end
    local pages = math.floor(tonumber(found.f_bavail) * tonumber(found.f_frsize) / PAGE)
    return found.f_files == 0 and pages or math.min(pages, tonumber(found.f_favail))
end

local function warn()
    if ngx.now() < next_warning then return end
    next_warning = ngx.now() + WARN_EVERY
    ngx.log(ngx.WARN, "no room in ", FOLDER, ": nothing more is cached")
end

local function period()
    return math.floor(ngx.req.start_time() / PERIOD)
end

-- Takes the room for a page; false if there is none.
function cache_room.take()
    local fills, now = ngx.shared.cache_room, period()
    local under_way = fills:incr(now, 1, 0, 2 * PERIOD) + (fills:get(now - 1) or 0)
    if under_way + RESERVE <= free_pages() then return true end
    fills:incr(now, -1)
    warn()
    return false
end

-- Must be called at the end of the request that has taken it.
function cache_room.give_back()
    ngx.shared.cache_room:incr(period(), -1)
end

return cache_room
