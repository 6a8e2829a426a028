-- Lets one request fetch a page, and lets the requests for the same page wait for it. proxy_cache_lock does that too,
-- but a request that waits there looks only every 500 ms.

local list_fills = {}

local FETCHING, FETCHED = 1, 2
local KEEP = 2  -- Seconds; nobody asks for a key for longer than one.
local FIRST_PAUSE, LONGEST_PAUSE = 0.001, 0.032

-- Seconds; several times what a page takes. The fetching request ends only when its client has read the answer, and a
-- slow client can take long if the page is larger than the kernel's buffers. The page is then probably in the cache
-- already.
local LONGEST_WAIT = 0.25

-- True if the caller must fetch the page of `key`. Else false, and whether the page is in the cache: if not, the wait
-- was too long.
function list_fills.is_first(key)
    local fills = ngx.shared.list_fills
    local pause, waited = FIRST_PAUSE, 0
    while true do
        local state = fills:get(key)
        if state == FETCHED or waited >= LONGEST_WAIT then return false, state == FETCHED end
        if not state and fills:add(key, FETCHING, KEEP) then return true end
        ngx.sleep(pause)
        waited = waited + pause
        pause = math.min(2 * pause, LONGEST_PAUSE)
    end
end

-- Must be called when the page of `key` is in the cache, or could not be fetched. In the latter case the next one
-- tries.
function list_fills.set_filled(key, is_cached)
    if is_cached then
        ngx.shared.list_fills:set(key, FETCHED, KEEP)
    else
        ngx.shared.list_fills:delete(key)
    end
end

return list_fills
