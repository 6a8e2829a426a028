-- The pages that this nginx process holds in its memory: answers to reads, by their targets. A page is a table:
--
--     target              in the one spelling of it
--     counter             the counter that it depends on, beside "all" (counters.lua)
--     shows_products      whether it depends on those of products, too. If so:
--     shown, products     their names, as the worker said them, and one by one; nil until they are known
--     generation, second  the sum of these counters, and the clock's second; it is up to date while both are the same
--     writes              the last number of writes at which the generation was still the same
--     body, length, etag, cache_control, link
--
-- Nobody removes what is out of date: the next page of the target takes its place, or others need the room.

local lrucache = require("resty.lrucache")

local pages = {}

-- By the sizes of bodies, so that neither many pages nor large ones take more than 48 MiB together.
local SMALL, MEDIUM = 2 * 1024, 64 * 1024
local small, medium, large = lrucache.new(8192), lrucache.new(256), lrucache.new(16)

-- The page of a target; nil if there is none.
function pages.find(target)
    return small:get(target) or medium:get(target) or large:get(target)
end

function pages.store(page)
    local size = #page.body
    local place = size <= SMALL and small or size <= MEDIUM and medium or large
    for _, other in ipairs({ small, medium, large }) do
        if other ~= place then other:delete(page.target) end
    end
    place:set(page.target, page)
end

return pages
