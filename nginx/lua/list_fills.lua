-- Lets one request fetch a page, and those that want the same page at the same time wait for it. proxy_cache_lock does
-- that too, but who waits there looks only every 500 ms.

local list_fills = {}

local FETCHING, FETCHED = 1, 2
local KEEP = 2  -- Seconds; nobody asks under a key for longer than one.
local FIRST_PAUSE, LONGEST_PAUSE = 0.001, 0.032

-- Several times what a page takes. The one who fetches it is done when it has read its answer, and may be slow to: of
-- pages that are larger than what the kernel buffers for it. By now the page is in the cache all the same, probably.
local LONGEST_WAIT = 0.25

-- True if the caller is the one to fetch the page of `key`. False if it is in the cache, or the wait was too long.
function list_fills.is_first(key)
    local fills = ngx.shared.list_fills
    local pause, waited = FIRST_PAUSE, 0
    while true do
        local state = fills:get(key)
        if state == FETCHED or waited >= LONGEST_WAIT then return false end
        if not state and fills:add(key, FETCHING, KEEP) then return true end
        ngx.sleep(pause)
        waited = waited + pause
        pause = math.min(2 * pause, LONGEST_PAUSE)
    end
end

-- To be called when the page of `key` is in the cache; or could not be fetched: then the next one tries.
function list_fills.set_filled(key, is_cached)
    if is_cached then
        ngx.shared.list_fills:set(key, FETCHED, KEEP)
    else
        ngx.shared.list_fills:delete(key)
    end
end

return list_fills
