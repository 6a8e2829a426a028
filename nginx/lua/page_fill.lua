-- Makes a page (pages.lua) of a worker's answer as it passes. Its generation and second are from before the worker was
-- asked: the answer need not show what was written since then.

local counters = require("counters")
local hot_reads = require("hot_reads")
local pages = require("pages")

local page_fill = {}

local LARGEST = 1024 * 1024  -- Bytes of a body: all that a worker sends (workers/common/page.h).

local next_page

-- Sends a request to `location`, which includes page_fill.conf. `page` has all that does not come with the answer.
function page_fill.start(location, page)
    next_page = page
    return ngx.exec(location)
end

-- Runs right after start(). ngx.ctx would not survive ngx.exec.
function page_fill.begin()
    ngx.ctx.page, next_page = next_page, nil
end

-- The answer shows other products than those that were counted: it is the first one of this order, or the id is used
-- again after orders were lost. So it is never up to date, but the next one can be. A name that nginx does not know is
-- not counted: a write that says it raises everything.
local function learn(page, shown)
    page.generation, page.shown, page.products = nil, shown, {}
    for name in shown:gmatch("p%d+") do page.products[#page.products + 1] = counters.named(name) end
end

-- Takes the head of the answer. False if it makes no page.
local function take_head(page, status)
    local header, shown = ngx.header, ngx.var.upstream_http_x_shows
    if page.shows_products and not shown then return false end  -- They are more than a header holds.
    if shown ~= page.shown then learn(page, shown) end
    page.etag, page.length = header["ETag"], header["Content-Length"]
    page.cache_control, page.link = header["Cache-Control"], header["Link"]
    if status == 200 and ngx.req.get_method() == "GET" then return tonumber(page.length) <= LARGEST end

    -- The body does not come with the answer to HEAD, nor with a 304. But it may still be the same. If not, the next
    -- request may bring it.
    local old = pages.find(page.target)
    if not old or old.etag ~= page.etag then
        hot_reads.look_up(page.target).generation = 0
        return false
    end
    page.body, page.length = old.body, old.length
    pages.store(page)
    return true
end

-- The header filter.
function page_fill.head()
    local context, status = ngx.ctx, ngx.status
    local page = context.page
    if not page or (status ~= 200 and status ~= 304) or not take_head(page, status) then
        context.page = nil
        return
    end
    if page.generation then ngx.var.cache = "MISS" end
    context.parts = not page.body and {}
end

-- The body filter.
function page_fill.body()
    local page, parts = ngx.ctx.page, ngx.ctx.parts
    if not page or not parts then return end
    parts[#parts + 1] = ngx.arg[1]
    if ngx.arg[2] then
        page.body = table.concat(parts)
        if #page.body == tonumber(page.length) then pages.store(page) end  -- Else the worker has died.
    end
end

return page_fill
