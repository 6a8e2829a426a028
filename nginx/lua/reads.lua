-- Answers a read of a product, an order or a list of products, if this nginx process has its page, and the page is up
-- to date. Any other read goes on to a worker:
--
--     as if there were no cache, if nobody has asked for it within the last second (hot_reads.lua), if its page is
--     just being made, or if it has none
--     by way of page_fill.lua, which makes its page
--
-- A hit and a read that nobody else asks for pass no pattern, and no loop in general. LuaJIT does not compile patterns,
-- and at a loop it breaks what it compiles into pieces.

local conditions = require("conditions")
local counters = require("counters")
local hot_reads = require("hot_reads")
local item_target = require("item_target")
local list_target = require("list_target")
local page_fill = require("page_fill")
local pages = require("pages")

local reads = {}

-- What a request asks for: the target in the one spelling that its page has, the counter that the page depends on
-- beside "all", and whether it shows products. Nothing if it has no page.

local function product(request_uri)
    local id, target = item_target.plain("products", request_uri)
    if id then return target, counters.of_product(id), false end
end

local function order(request_uri)
    local id, target = item_target.plain("orders", request_uri)
    if id then return target, counters.of_order(id), true end
end

local function list_of_products(request_uri)
    local target, kind = list_target.plain(request_uri)
    if kind == "products" then return target, counters.products, false end
end

local function is_current(page)
    if page.second ~= ngx.time() then return false end
    local writes = counters.writes()
    if page.writes == writes then return true end
    if page.generation ~= counters.generation(page.counter, page.products) then return false end
    page.writes = writes
    return true
end

-- nginx makes a 304 of it where that is the answer.
local function answer(page)
    conditions.ignore()
    ngx.var.cache = "HIT"
    local header = ngx.header
    header["Content-Length"] = page.length
    header["ETag"] = page.etag
    header["Cache-Control"] = page.cache_control
    if page.link then header["Link"] = page.link end
    ngx.print(page.body)
    return ngx.exit(ngx.HTTP_OK)
end

-- Of what is asked for often, but has no page that is up to date under this spelling.
local function answer_or_fill(find, request_uri, fill_location)
    local target, counter, shows_products = find(request_uri)
    if not target then return end
    local old = pages.find(target) or {}
    if old.body and is_current(old) then return answer(old) end

    local read = hot_reads.look_up(target)
    local generation, second = counters.generation(counter, old.products), ngx.time()
    if read.generation == generation and read.second == second then return end
    read.generation, read.second = generation, second
    return page_fill.start(fill_location, {
        target = target, counter = counter, generation = generation, second = second,
        shows_products = shows_products, products = old.products, shown = old.shown,
    })
end

local function answer_read(find, fill_location)
    local request_uri = ngx.var.request_uri
    local _, is_hot = hot_reads.look_up(request_uri)
    if not is_hot then return end
    local page = pages.find(request_uri)
    if page and is_current(page) then return answer(page) end
    return answer_or_fill(find, request_uri, fill_location)
end

function reads.product() return answer_read(product, "@product_fill") end
function reads.order() return answer_read(order, "@order_fill") end
function reads.list_of_products() return answer_read(list_of_products, "@product_fill") end

return reads
